"""Publishing the draft: what is different, which paths there are, what it would do; and the versions until now."""

from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.contrib.admin.models import CHANGE, LogEntry
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from backoffice.questions.drawing import draw_flow
from backoffice.questions.listing import list_questions
from backoffice.questions.views import builder_url, load_categories, of_network
from backoffice.responses import not_found, perform, render_page
from referrals.models import Category, FlowVersion, Network
from referrals.network.flow_effect import measure_flow_effect
from referrals.questions import Box
from referrals.questions.differences import describe_differences
from referrals.questions.draft import load_draft
from referrals.questions.examples import run_examples
from referrals.questions.paths import Paths, find_paths
from referrals.questions.publishing import describe_faults, digest_draft, publish, return_to_version
from referrals.questions.untranslated import count_untranslated
from referrals.questions.usage import DAYS, find_asked
from referrals.questions.versions import load_version
from referrals.translations import languages_among


class PublishForm(forms.Form):
    note = forms.CharField(
        label="What for?",
        required=False,
        max_length=300,
        help_text="For the history, as in “Asks about bailiffs, as agreed in May”. It may stay empty.",
    )
    seen_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31)
    seen_draft = forms.CharField(widget=forms.HiddenInput)
    despite_examples = forms.BooleanField(label="Publish although an example fails", required=False)


@dataclass(frozen=True, slots=True)
class PathReport:
    """The report on the paths, with names instead of keys."""

    paths: Paths
    longest: list[str]
    unreached: list[str]
    needs_unreached: list[str]
    not_asked: list[str]


@of_network
def publish_draft(request: HttpRequest, network: Network) -> HttpResponse:
    boxes = load_draft(network.pk)
    newest = FlowVersion.objects.filter(network=network).select_related("published_by").first()
    initial = {"seen_number": newest.number if newest else 0, "seen_draft": digest_draft(boxes)}
    if request.method == "POST":
        form = PublishForm(request.POST)
        if form.is_valid():
            perform(
                request,
                lambda: _publish_and_log(network, request, form),
                lambda version: f"This is {version} now. The form asks it from here on.",
            )
            published = FlowVersion.objects.filter(network=network).first()
            if published and published.number > initial["seen_number"]:
                return HttpResponseRedirect(builder_url(network))
        return HttpResponseRedirect(request.path)
    categories = load_categories(network)
    names = {category.pk: category.name for category in categories}
    published = load_version(newest.pk) if newest else ()
    paths = find_paths(boxes)
    return render_page(
        request,
        "backoffice/questions/publish.html",
        title="Publish the questions",
        network=network,
        newest=newest,
        changes=describe_differences(published, boxes, names),
        faults=describe_faults(boxes, paths),
        report=_report(network, boxes, categories, paths),
        outcomes=run_examples(network, boxes),
        days=DAYS,
        untranslated=[
            (language, *count_untranslated(boxes, code)) for code, language in languages_among(network.form_languages)
        ],
        form=PublishForm(initial=initial),
    )


def _publish_and_log(network: Network, request: HttpRequest, form: PublishForm) -> FlowVersion:
    version = publish(network, actor=request.user, **form.cleaned_data)
    LogEntry.objects.log_actions(request.user.pk, [network], CHANGE, f"Published {version} of the questions.")
    return version


def _report(network: Network, boxes: tuple[Box, ...], categories: list[Category], paths: Paths) -> PathReport:
    titles = {box.id: box.text for box in boxes}
    asked = find_asked(network, timezone.now() - timedelta(days=DAYS))
    met = {key for category in categories if category.pk in paths.needs for key in category.tree_path}
    return PathReport(
        paths=paths,
        longest=[titles[key] for key in paths.longest],
        unreached=[titles[key] for key in paths.unreached],
        needs_unreached=[one.name for one in categories if one.pk not in met and not one.retired_at],
        not_asked=[box.text for box in boxes if box.is_active and box.id not in asked],
    )


@require_safe
@of_network
def replay(request: HttpRequest, network: Network) -> HttpResponse:
    """What the draft would make of the answers of the last referrals: a part of the page for scripts, else a page."""
    context = {"title": "The last referrals, asked again", "network": network, "effect": measure_flow_effect(network)}
    if request.htmx:
        return render(request, "backoffice/questions/effect.html", context)
    return render_page(request, "backoffice/questions/replay.html", **context)


@require_safe
@of_network
def history(request: HttpRequest, network: Network) -> HttpResponse:
    versions = FlowVersion.objects.filter(network=network).select_related("published_by").defer("content")
    return render_page(
        request,
        "backoffice/questions/history.html",
        title="Versions of the questions",
        network=network,
        versions=list(versions),
    )


@of_network
def version(request: HttpRequest, network: Network, number: int) -> HttpResponse:
    """One version as it was, with a button that returns to it."""
    versions = FlowVersion.objects.filter(network=network).select_related("published_by")
    shown, newest = versions.filter(number=number).first(), versions.first()
    if shown is None:
        return not_found(request)
    if request.method == "POST":
        seen = request.POST.get("seen_number", "")
        perform(
            request,
            lambda: return_to_version(
                network, number, actor=request.user, seen_number=int(seen) if seen.isdecimal() and len(seen) < 9 else 0
            ),
            lambda made: f"This is {made} now, the same as version {number}, and so is the draft.",
        )
        return HttpResponseRedirect(reverse("backoffice:questions_history", args=[network.pk]))
    names = {category.pk: category.name for category in load_categories(network)}
    boxes, draft, in_force = load_version(shown.pk), load_draft(network.pk), load_version(newest.pk)
    return render_page(
        request,
        "backoffice/questions/version.html",
        title=f"Version {number} of the questions",
        network=network,
        version=shown,
        newest=newest,
        questions=list_questions(boxes, names),
        drawing=draw_flow(boxes),
        changes=describe_differences(in_force, boxes, names),
        lost=describe_differences(in_force, draft, names),
    )
