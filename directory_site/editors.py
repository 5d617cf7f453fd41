"""Content editors of the networks, as Wagtail knows editors: by a group, whose rights are set in Wagtail's tables."""

from django.contrib.auth.models import Group
from django.db.models.signals import post_delete, post_save

from referrals.enums import Role
from referrals.models import NetworkRole

GROUP = "Moderators"  # one of Wagtail's own: may write and publish every page, image and document


def keep_in_step(instance: NetworkRole, **signal: object) -> None:
    """Put the role's user into the group, or take the user out with the last such role."""
    if instance.role != Role.EDITOR:
        return
    group = Group.objects.filter(name=GROUP).first()
    if group is None:  # somebody has thrown it away in Wagtail's tables: without it there is no right to give
        return
    edits = NetworkRole.objects.filter(user=instance.user_id, role=Role.EDITOR).exists()
    members = group.user_set
    members.add(instance.user_id) if edits else members.remove(instance.user_id)


def watch_roles() -> None:
    post_save.connect(keep_in_step, sender=NetworkRole)
    post_delete.connect(keep_in_step, sender=NetworkRole)
