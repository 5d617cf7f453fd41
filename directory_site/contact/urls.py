from django.urls import path

from directory_site.contact import send_card, views

_SERVICE = "services/<int:pk>-<slug:slug>"

urlpatterns = [
    path(f"{_SERVICE}/correction/", views.correction, name="public_correction"),
    path(f"{_SERVICE}/correction/thanks/", views.correction_thanks, name="public_correction_thanks"),
    path(f"{_SERVICE}/send/", send_card.send, name="public_send"),
    path(f"{_SERVICE}/send/thanks/", send_card.send_thanks, name="public_send_thanks"),
    path(f"{_SERVICE}/qr.svg", send_card.qr, name="public_qr"),
    path("contact/message/", views.message, name="public_message"),
    path("contact/message/thanks/", views.message_thanks, name="public_message_thanks"),
]
