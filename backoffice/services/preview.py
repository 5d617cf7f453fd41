"""Shows a service as it would be if the form were saved, and saves nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from backoffice.services.forms import ServiceForm
from backoffice.services.parts import list_problems
from backoffice.services.trial import Trial
from referrals.access import changeable_by
from referrals.hours import Timetable, week_in_words
from referrals.matching.audience import describe_suggested_people
from referrals.models import Service
from referrals.services.public_card import card_of, with_card_rows


def preview(request: HttpRequest, admin: ModelAdmin, pk: int | None) -> HttpResponse:
    """Show what the form of `admin` would save: the card, the hours and the try-out.

    htmx gets these pieces to swap into the form; without htmx they are a page of their own.
    """
    service = changeable_by(request.user, Service).filter(pk=pk).first() if pk else None
    is_allowed = service is not None if pk else admin.has_add_permission(request)
    if request.method != "POST" or not is_allowed:
        raise Http404
    form = admin.get_form(request, service, change=service is not None)(request.POST, instance=service)
    template = "pieces" if request.htmx else "preview"
    with as_if_saved(form) as stored:
        context = _context(request, form, stored) | {"title": "How it would be"}
        context |= admin.admin_site.each_context(request) if template == "preview" else {}
        response = TemplateResponse(request, f"backoffice/services/{template}.html", context)
        response.render()
    return response


@contextmanager
def as_if_saved(form: ServiceForm) -> Iterator[Service | None]:
    """Save the form, yield the service (None if the form is invalid), and roll back."""
    with transaction.atomic():
        is_valid = form.is_valid() and form.has_membership
        yield with_card_rows(Service.objects.filter(pk=form.save().pk)).get() if is_valid else None
        transaction.set_rollback(True)


def _context(request: HttpRequest, form: ServiceForm, service: Service | None) -> dict[str, Any]:
    if service is None:
        return {"problems": list_problems(form) if form.has_membership else []}
    now = timezone.now()
    return {
        "card": card_of(service, now=now),
        "for_whom": describe_suggested_people(service),
        "hours": week_in_words(Timetable.of(service), timezone.localdate(now)),
        "trial": Trial.of(request.POST, service),
    }
