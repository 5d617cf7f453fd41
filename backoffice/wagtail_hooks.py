from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem


@hooks.register("register_admin_menu_item")
def link_to_back_office() -> MenuItem:
    return MenuItem("Back office", reverse("backoffice:index"), icon_name="home", order=10_000)


@hooks.register("insert_global_admin_js")
def session_warning_script() -> SafeString:
    return format_html(
        '<script src="{}" defer data-session="{}" data-sign-in="{}"></script>',
        static("backoffice/session.js"),
        reverse("backoffice:session"),
        reverse("backoffice:login"),
    )


@hooks.register("insert_global_admin_css")
def session_warning_styles() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("backoffice/session.css"))
