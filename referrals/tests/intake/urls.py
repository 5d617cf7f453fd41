"""The form alone. The referral's own page is the back office's, which the domain does not know."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("", include("referrals.intake.urls")),
    path("r/<str:reference>/", lambda request, reference: HttpResponse(), name="referral"),
]
