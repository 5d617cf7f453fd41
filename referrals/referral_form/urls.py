from django.urls import path

from referrals.referral_form import leaving, sent, trying, views

urlpatterns = [
    path("refer/sent/<str:token>/", sent.referral_sent, name="referral_sent"),
    path("refer/leave/<slug:network>/", leaving.leave_form, name="leave_form"),
    path("refer/try/<str:token>/", trying.try_draft, name="referral_form_try"),
    path("refer/link/<str:token>/", views.form_by_link, name="referral_form_link"),
    path("refer/<slug:network>/", views.form_by_network, name="referral_form"),
]
