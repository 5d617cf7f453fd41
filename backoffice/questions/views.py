"""The draft of a network's questions, all on one screen, with the picture of the flow."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from backoffice.questions.drawing import draw_flow
from backoffice.questions.forms import BLANK_LINES, QuestionEditor
from backoffice.questions.listing import list_questions
from backoffice.responses import not_found, perform, render_page
from referrals.access import changeable_by
from referrals.models import Category, FlowVersion, Network
from referrals.questions import Box
from referrals.questions.differences import describe_differences
from referrals.questions.draft import load_draft
from referrals.questions.editing import delete_question, move_question, save_question
from referrals.questions.trying import try_url
from referrals.questions.versions import load_version
from referrals.refusals import AlreadyDone, Refusal
from referrals.translations import languages_among

NEW = "new"
MORE_LINES = 3


def of_network(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand the view the network whose questions the user may change; there is no page for anybody else."""

    @wraps(view)
    def wrapper(request: HttpRequest, pk: int, **kwargs: object) -> HttpResponse:
        network = changeable_by(request.user, Network).filter(pk=pk).first()
        return view(request, network, **kwargs) if network else not_found(request)

    return wrapper


def builder_url(network: Network, key: int | None = None, *, opened: int | str | None = None) -> str:
    url = reverse("backoffice:questions", args=[network.pk])
    url += f"?open={opened}" if opened else ""
    return f"{url}#question-{key}" if key else url


@require_safe
@of_network
def builder(request: HttpRequest, network: Network) -> HttpResponse:
    boxes, categories = load_draft(network.pk), load_categories(network)
    opened = request.GET.get("open", "")
    old = next((box for box in boxes if str(box.id) == opened), None)
    editor = None
    if old or opened == NEW:
        blank_lines = BLANK_LINES if old and old.choices else MORE_LINES
        editor = _make_editor(network, boxes, categories, old=old, blank_lines=blank_lines)
    return show_builder(request, network, boxes, categories, editor)


@require_POST
@of_network
def save(request: HttpRequest, network: Network, key: int = 0) -> HttpResponse:
    """Store a question with its answers; `more` only shows further lines for answers."""
    boxes, categories = load_draft(network.pk), load_categories(network)
    old = next((box for box in boxes if box.id == key), None)
    if key and old is None:
        messages.error(request, "Somebody has deleted this question meanwhile.")
        return HttpResponseRedirect(builder_url(network))
    data = request.POST.copy()
    if "more" in data:
        total = data.get("options-TOTAL_FORMS", "")
        data["options-TOTAL_FORMS"] = str(int(total) + MORE_LINES) if total.isdecimal() and len(total) < 4 else total
    editor = _make_editor(network, boxes, categories, old=old, data=data)
    if "more" in data or not editor.is_valid():
        return show_builder(request, network, boxes, categories, editor)
    try:
        saved = save_question(
            editor.box,
            actor=request.user,
            follow_ups=editor.follow_ups,
            seen=editor.old,
            newest_seen=editor.newest_seen,
        )
    except AlreadyDone as done:
        messages.info(request, str(done))
        return HttpResponseRedirect(builder_url(network))
    except Refusal as refusal:
        editor.form.add_error(None, str(refusal))
        return show_builder(request, network, boxes, categories, editor)
    messages.success(request, f"“{editor.box.text}” is saved in the draft.")
    return HttpResponseRedirect(builder_url(network, saved, opened=NEW if "another" in data else None))


@require_POST
@of_network
def move(request: HttpRequest, network: Network, key: int) -> HttpResponse:
    """Put a question one up, one down or, as when it was dragged, before another (`before`, empty for the end)."""
    keys = [box.id for box in load_draft(network.pk)]
    place = keys.index(key) if key in keys else 0
    match request.POST.get("to"):
        case "up":
            before = keys[max(place - 1, 0)] if keys else None
        case "down":
            before = keys[place + 2] if place + 2 < len(keys) else None
        case _:
            dropped = request.POST.get("before", "")
            before = int(dropped) if dropped.isdecimal() and len(dropped) < 19 else None
    title = next((box.text for box in load_draft(network.pk) if box.id == key), "")
    perform(
        request,
        lambda: move_question(key, network_id=network.pk, before_id=before, actor=request.user),
        f"“{title}” is moved.",
    )
    return HttpResponseRedirect(builder_url(network, key))


@of_network
def delete(request: HttpRequest, network: Network, key: int) -> HttpResponse:
    boxes = load_draft(network.pk)
    box = next((one for one in boxes if one.id == key), None)
    if box is None:
        return not_found(request)
    if request.method == "POST":
        perform(
            request,
            lambda: delete_question(key, network_id=network.pk, actor=request.user),
            f"“{box.text}” is deleted from the draft.",
        )
        return HttpResponseRedirect(builder_url(network))
    rest = tuple(one for one in boxes if one.id != key)
    return render_page(
        request,
        "backoffice/questions/delete.html",
        title=f"Delete “{box.text}”",
        network=network,
        box=box,
        given=network.answers.filter(question=key).count(),
        leading=[one for one in boxes if any(key in choice.reveals for choice in one.choices)],
        freed=_list_freed(boxes, rest, key),
    )


def _list_freed(boxes: tuple[Box, ...], rest: tuple[Box, ...], key: int) -> list[Box]:
    """Return the questions that only this one leads to: without it, everybody would be asked them."""
    led = {target for box in boxes if box.id == key for choice in box.choices for target in choice.reveals}
    others = {target for box in rest for choice in box.choices for target in choice.reveals}
    return [box for box in rest if box.id in led - others]


def load_categories(network: Network) -> list[Category]:
    return list(Category.objects.in_tree_order([network.pk]))


def _make_editor(network: Network, boxes: tuple[Box, ...], categories: list[Category], **more: Any) -> QuestionEditor:
    languages = languages_among(network.form_languages)
    return QuestionEditor(boxes=boxes, categories=categories, network_id=network.pk, languages=languages, **more)


def show_builder(
    request: HttpRequest,
    network: Network,
    boxes: tuple[Box, ...],
    categories: list[Category],
    editor: QuestionEditor | None = None,
) -> HttpResponse:
    names = {category.pk: category.name for category in categories}
    newest = FlowVersion.objects.filter(network=network).select_related("published_by").defer("content").first()
    published = load_version(newest.pk) if newest else ()
    return render_page(
        request,
        "backoffice/questions/builder.html",
        title="Questions",
        network=network,
        questions=list_questions(boxes, names, languages_among(network.form_languages)),
        drawing=draw_flow(boxes),
        editor=editor,
        opened=editor.old.id if editor and editor.old else None,
        newest=newest,
        changes=len(describe_differences(published, boxes, names)),
        try_url=request.build_absolute_uri(try_url(network.pk)),
    )
