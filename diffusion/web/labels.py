"""The models' words, marked for translation: models themselves speak French. Shown through the `label` filter."""

from django.utils.translation import gettext_lazy as _

LABELS = (
    _("API"), _("Administration"), _("Agenda"), _("Agent"), _("Annuler"), _("Annulée"), _("Approbation"),
    _("Approuvée"), _("Attend l’interne"), _("Attendre"), _("Changée"), _("Collecte"), _("Communication"), _("Compte en pause"),
    _("Constatée par une personne"), _("Contributrice ou contributeur"), _("Corriger"), _("Courriel"), _("Demandée"),
    _("Disparue"), _("Pas pu regarder"), _("Telle que publiée"),
    _("En file"), _("Entretien"), _("Envoi en cours"), _("Exploitation"), _("Fichier"), _("Flux"), _("Formulaire"),
    _("Incertaine"), _("Interne"), _("Interne seulement"), _("Intranet et sites"), _("Les derniers"), _("Lettres"),
    _("Modifiée"), _("Partenaires"), _("Planifiée"), _("Public"), _("Publiée"), _("Refusée"), _("Remplacée"),
    _("Retirer"), _("Retirée"), _("Retrouvée sur le canal"), _("Réponse arrivée tard"), _("Réponse du canal"),
    _("Réseaux"), _("Sans réponse"), _("Suspendue"), _("Tout"), _("Freinée, une personne décide"), _("Trop tard, une personne décide"),
    _("Urgent"), _("Attend la fin de la lettre"),
    _("À partir de maintenant"),
)  # fmt: skip
