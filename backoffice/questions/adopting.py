"""Questions out as a workbook, in again, and from another network: looked at first, then put in the draft whole."""

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backoffice.questions.views import builder_url, load_categories, of_network
from backoffice.responses import perform, render_page
from referrals.access import changeable_by
from referrals.import_export.reading import Unreadable
from referrals.import_export.xlsforms import read_xlsform, write_xlsform
from referrals.models import Network
from referrals.questions import Box
from referrals.questions.adopting import adopt_draft, copy_boxes, pack_boxes, unpack_boxes
from referrals.questions.differences import describe_differences
from referrals.questions.draft import load_draft
from referrals.questions.publishing import digest_draft

_SALT = "backoffice.questions.adopting"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WorkbookForm(forms.Form):
    file = forms.FileField(label="Workbook (XLSX)")


class CopyForm(forms.Form):
    source = forms.ModelChoiceField(Network.objects.none(), label="Whose questions?", empty_label="Choose")

    def __init__(self, *args: object, request: HttpRequest, network: Network, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        others = changeable_by(request.user, Network).exclude(pk=network.pk).filter(questions__isnull=False)
        self.fields["source"].queryset = others.distinct().order_by("name")


@require_safe
@of_network
def download(request: HttpRequest, network: Network) -> HttpResponse:
    content = write_xlsform(network, load_draft(network.pk), load_categories(network))
    name = f"questions-{network.slug}-{timezone.localdate():%Y-%m-%d}.xlsx"
    return HttpResponse(content, content_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@of_network
def bring_in(request: HttpRequest, network: Network) -> HttpResponse:
    """Take a workbook, or the name of another network, and show what the draft would become."""
    workbook = WorkbookForm(request.POST, request.FILES) if request.FILES else WorkbookForm()
    copied = CopyForm(request.POST if "source" in request.POST else None, request=request, network=network)
    if workbook.is_bound and workbook.is_valid():
        try:
            read = read_xlsform(
                workbook.cleaned_data["file"].read(), network, load_draft(network.pk), load_categories(network)
            )
        except Unreadable as wrong:
            workbook.add_error("file", str(wrong))
        else:
            if not read.problems:
                return _show_preview(request, network, read.boxes)
            return _show_ways(request, network, workbook, copied, problems=read.problems)
    elif request.method == "POST" and copied.is_valid():
        source = copied.cleaned_data["source"]
        boxes, missing = copy_boxes(load_draft(source.pk), load_categories(source), load_categories(network))
        return _show_preview(request, network, boxes, source=source, missing=missing)
    elif request.method == "POST" and not copied.is_bound:
        workbook = WorkbookForm(request.POST, request.FILES)
    return _show_ways(request, network, workbook, copied)


def _show_ways(
    request: HttpRequest, network: Network, workbook: WorkbookForm, copied: CopyForm, **context: object
) -> HttpResponse:
    return render_page(
        request,
        "backoffice/questions/bring_in.html",
        title="Questions from elsewhere",
        network=network,
        workbook=workbook,
        copied=copied if copied.fields["source"].queryset.exists() else None,
        **context,
    )


def _show_preview(request: HttpRequest, network: Network, boxes: tuple[Box, ...], **context: object) -> HttpResponse:
    draft = load_draft(network.pk)
    names = {category.pk: category.name for category in load_categories(network)}
    packed = {"network": network.pk, "boxes": pack_boxes(boxes), "draft": digest_draft(draft)}
    return render_page(
        request,
        "backoffice/questions/preview.html",
        title="What the draft would become",
        network=network,
        changes=describe_differences(draft, boxes, names),
        packed=signing.dumps(packed, salt=_SALT, compress=True),
        **context,
    )


@require_POST
@of_network
def adopt(request: HttpRequest, network: Network) -> HttpResponse:
    """Put what was looked at in the draft. It is signed, so that it is what was checked."""
    try:
        packed = signing.loads(request.POST.get("packed", ""), salt=_SALT, max_age=24 * 60 * 60)
    except signing.BadSignature:
        packed = {}
    if packed.get("network") == network.pk:
        perform(
            request,
            lambda: adopt_draft(
                network.pk,
                unpack_boxes(packed["boxes"], network.pk),
                actor=request.user,
                seen_draft=packed["draft"],
            ),
            "This is the draft now. The form asks it once you publish it.",
        )
    return HttpResponseRedirect(builder_url(network))
