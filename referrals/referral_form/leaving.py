from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from referrals.models import Network
from referrals.referral_form.pages import public_page


@public_page
def leave_form(request: HttpRequest, *, network: str) -> HttpResponse:
    """Lead to the network's neutral page, and have the browser drop the pages of the form that it keeps.

    An unknown network has an answer as well: whoever has to leave must not meet an error page.
    """
    address = Network.objects.filter(slug=network).values_list("leave_address", flat=True).first()
    response = HttpResponseRedirect(address or Network.leave_address.field.default)
    response["Clear-Site-Data"] = '"cache"'
    return response
