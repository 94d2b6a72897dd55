# One image; the command says which part it plays: `diffusion up`, `diffusion worker --lanes mail`, `diffusion clock`, …
FROM python:3.13-slim

# `diffusion backup` and `restore` use PostgreSQL's own programs
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-client \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY .ci/install .ci/install
COPY requirements.lock ./
RUN .ci/install product

COPY LICENSE ./
COPY channels channels
COPY diffusion diffusion
COPY workers workers
RUN .venv/bin/python -m compileall -q channels diffusion workers \
 && useradd --system --uid 10001 --home-dir /var/lib/diffusion diffusion \
 && install --directory --owner=diffusion --mode=0700 /var/lib/diffusion

ENV PATH=/app/.venv/bin:$PATH \
    DIFFUSION_HOME=/var/lib/diffusion \
    DIFFUSION_LISTEN=0.0.0.0:8000 \
    PYTHONUNBUFFERED=1
USER diffusion
VOLUME /var/lib/diffusion
EXPOSE 8000
CMD ["diffusion", "up"]
