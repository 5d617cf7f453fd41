"""Puts the networks' content editors into a group of Wagtail's, which gives them their rights in the CMS."""

from django.contrib.auth.models import Group, Permission
from django.db.models.signals import post_delete, post_save
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from referrals.enums import Role
from referrals.models import NetworkRole

GROUP = "Moderators"  # one of Wagtail's own: may write and publish every page, image and document

SEARCH_WORDS = ["dangerwords", "phrasemeaning", "synonymgroup"]

RIGHTS = {
    "wagtailadmin": ["access_admin"],
    "directory_site": [
        "change_publicsite",
        *(f"{verb}_{model}" for model in [*SEARCH_WORDS, "sitewords"] for verb in ("add", "change", "delete", "view")),
    ],
    "simple_translation": ["submit_translation"],
    "wagtailimages": [f"{verb}_image" for verb in ("add", "change", "choose", "delete")],
    "wagtaildocs": [f"{verb}_document" for verb in ("add", "change", "choose", "delete")],
    "wagtailredirects": [f"{verb}_redirect" for verb in ("add", "change", "delete", "view")],
}
ON_PAGES = ["add_page", "change_page", "publish_page", "lock_page", "unlock_page"]
ON_FILES = {
    "wagtailimages": ["add_image", "change_image", "choose_image"],
    "wagtaildocs": ["add_document", "change_document", "choose_document"],
}


def editors_group() -> Group:
    """Return the group; make it with all its rights if somebody has deleted it."""
    group, is_new = Group.objects.get_or_create(name=GROUP)
    if is_new:
        group.permissions.set(_permissions(RIGHTS))
        root, collection = Page.get_first_root_node(), Collection.get_first_root_node()
        for permission in _permissions({"wagtailcore": ON_PAGES}):
            GroupPagePermission.objects.create(group=group, page=root, permission=permission)
        for permission in _permissions(ON_FILES):
            GroupCollectionPermission.objects.create(group=group, collection=collection, permission=permission)
    return group


def _permissions(names: dict[str, list[str]]) -> list[Permission]:
    return [
        permission
        for app, codenames in names.items()
        for permission in Permission.objects.filter(content_type__app_label=app, codename__in=codenames)
    ]


def update_group(instance: NetworkRole, **signal: object) -> None:
    """Put the role's user into the group, or take the user out with the last such role."""
    if instance.role != Role.EDITOR:
        return
    group = Group.objects.filter(name=GROUP).first()
    if group is None:  # somebody has deleted it in the CMS, and with it the rights to give
        return
    is_editor = NetworkRole.objects.filter(user=instance.user_id, role=Role.EDITOR).exists()
    if is_editor:
        group.user_set.add(instance.user_id)
    else:
        group.user_set.remove(instance.user_id)


def connect_signals() -> None:
    post_save.connect(update_group, sender=NetworkRole)
    post_delete.connect(update_group, sender=NetworkRole)
