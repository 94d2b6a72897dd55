/* What HTMX and plain HTML can't: theme at once, keyboard, dialogs, toasts, buttons that move. Pages work without it. */
(() => {
  const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const root = document.documentElement;
  const kept = { get: k => { try { return localStorage.getItem(k) } catch { return null } }, set: (k, v) => { try { localStorage.setItem(k, v) } catch { /* private mode */ } } };

  /* theme: follows the system until a person chooses; the cookie lets the server draw the first paint right */
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const turn = () => {
    const theme = isDark() ? "light" : "dark";
    root.dataset.theme = theme;
    document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax`;
  };

  /* one polite live region says what happened; a toast goes after 8 s, but stays while hovered or focused */
  const leave = t => setTimeout(() => t.matches(":hover,:focus-within") ? leave(t) : t.remove(), 8000);
  const say = text => {
    const t = document.createElement("div");
    t.className = "toast"; t.append(text);
    $(".toasts")?.replaceChildren(t); leave(t);
  };
  $$(".toast").forEach(leave);
  document.body.addEventListener("say", e => say(e.detail.value));

  /* a form is sent once; the button says that it is on its way */
  document.addEventListener("submit", e => {
    const form = e.target;
    if (form.matches("[data-theme-toggle]")) { e.preventDefault(); turn(); return }
    if (form.method === "dialog") return;
    if (form.dataset.sent) { e.preventDefault(); return }
    form.dataset.sent = "1"; e.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => $$("form[data-sent]").forEach(f => { delete f.dataset.sent; $$("[aria-busy]", f).forEach(b => b.removeAttribute("aria-busy")) }));

  /* [data-open] opens a dialog of this page; without script its href leads to a page that asks the same */
  const open = id => { const d = document.getElementById(id); d?.showModal(); return d };
  document.addEventListener("click", e => {
    const t = e.target.closest("[data-open],[data-close],[data-freeze],[data-move],[data-print],.btn[aria-disabled=true]");
    if (!t) return;
    if (t.matches("[aria-disabled=true]")) { e.preventDefault(); return }
    const d = t.dataset;
    if (d.open) { $("[popover]:popover-open")?.hidePopover(); if (open(d.open)) e.preventDefault(); return }
    if ("close" in d) { t.closest("dialog")?.close(); e.preventDefault(); return }
    if ("freeze" in d) { t.setAttribute("aria-pressed", t.getAttribute("aria-pressed") !== "true"); return }
    if ("print" in d) { print(); return }
    if (d.move) move(t.closest("[data-item]"), +d.move, t);
  });

  /* every drag has buttons; focus follows the thing moved, and the new place is spoken */
  const move = (el, by, button) => {
    const other = by < 0 ? el.previousElementSibling : el.nextElementSibling;
    if (!other?.matches("[data-item]")) return;
    by < 0 ? other.before(el) : other.after(el);
    button.focus();
    const all = $$("[data-item]", el.parentElement);
    say(($(".toasts").dataset.place || "{item}: {n}/{all}").replace("{item}", el.dataset.item).replace("{n}", all.indexOf(el) + 1).replace("{all}", all.length));
    el.dispatchEvent(new CustomEvent("moved", { bubbles: true }));
  };

  /* one-letter keys never fire while typing, and can be switched off (WCAG 2.1.4) */
  let going = false;
  const letters = {
    "?": () => open("help"),
    n: () => $("[data-new]")?.click(),
    u: () => $(".toast form button")?.click(),
    g: () => { going = true; setTimeout(() => { going = false }, 1200) },
    j: () => step(1), k: () => step(-1),
  };
  const step = by => {
    const rows = $$("[data-rows] > li:not([hidden])"); if (!rows.length) return;
    const at = rows.findIndex(r => r.contains(document.activeElement));
    const to = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    $("a,summary,button", to)?.focus(); to.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", e => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k" && $("#palette")) { e.preventDefault(); if (!$("dialog[open]")) open("palette"); return }
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input,textarea,select,[contenteditable=true],dialog[open]") || kept.get("keys") === "off") return;
    if (going) { going = false; $(`.nav [data-go="${CSS.escape(e.key)}"]`)?.click(); return }
    const row = document.activeElement.closest("[data-rows] > li")?.querySelector(`[data-key="${CSS.escape(e.key)}"]`);
    if (row) { e.preventDefault(); row.click(); return }
    if (letters[e.key]) { e.preventDefault(); letters[e.key]() }
  });
  $$("[data-keys-toggle]").forEach(box => { box.checked = kept.get("keys") !== "off" });
  document.addEventListener("change", e => {
    if (e.target.matches("[data-keys-toggle]")) kept.set("keys", e.target.checked ? "on" : "off");
  });
  document.addEventListener("input", e => {
    if (!e.target.dataset.filter) return;
    const q = e.target.value.toLocaleLowerCase();
    $$(e.target.dataset.filter).forEach(a => { a.hidden = !a.textContent.toLocaleLowerCase().includes(q) });
    const none = e.target.parentElement.querySelector("[data-filter-none]");
    if (none) none.hidden = $$(e.target.dataset.filter).some(a => !a.hidden);
  });

  /* figures refresh silently: not while frozen, nor under a caret or an open dialog; only new cases are spoken */
  let cases = new Set($$("[data-case]").map(c => c.id));
  document.addEventListener("htmx:beforeRequest", e => {
    const poll = e.target.closest("[data-poll]"); if (!poll) return;
    const busy = poll.contains(document.activeElement) || document.activeElement.closest("[data-moves]") || $("input:checked", poll) || $("dialog[open]") || document.hidden;
    if (busy || $("[data-freeze][aria-pressed=true]")) e.preventDefault();
  });
  document.addEventListener("htmx:afterSettle", () => {
    const now = $$("[data-case]"), fresh = now.filter(c => !cases.has(c.id));
    cases = new Set(now.map(c => c.id));
    if (fresh.length) say(fresh.map(c => c.dataset.case).join(" "));
  });
  const offline = () => { const bar = $("#offline"); if (bar) bar.hidden = navigator.onLine };
  addEventListener("online", offline); addEventListener("offline", offline); offline();
})();
