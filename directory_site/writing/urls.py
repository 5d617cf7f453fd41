from django.urls import path

from directory_site.writing import sending, views

_SERVICE = "services/<int:pk>-<slug:slug>"

urlpatterns = [
    path(f"{_SERVICE}/correction/", views.correction, name="public_correction"),
    path(f"{_SERVICE}/correction/thanks/", views.correction_thanks, name="public_correction_thanks"),
    path(f"{_SERVICE}/send/", sending.send, name="public_send"),
    path(f"{_SERVICE}/send/thanks/", sending.send_thanks, name="public_send_thanks"),
    path(f"{_SERVICE}/qr.svg", sending.qr, name="public_qr"),
    path("contact/message/", views.message, name="public_message"),
    path("contact/message/thanks/", views.message_thanks, name="public_message_thanks"),
]
