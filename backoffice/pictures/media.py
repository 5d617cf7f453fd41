"""Serves pictures from any storage, to be cached for good: a name is never used twice.

Nothing else in the storage is served. No session is read on the way (see `middleware.sign_in`), so that browsers and
shared caches may keep them.
"""

import posixpath

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from referrals.view_access import public

NAME = "media"  # of the URL pattern

# Uploads of organisations, uploads of editors in the CMS, and the sizes made from them.
PUBLIC_FOLDERS = ("pictures/", "images/")
CONTENT_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


def is_media(request: HttpRequest) -> bool:
    return request.path.startswith(settings.MEDIA_URL)


@public
@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse:
    content_type = CONTENT_TYPES.get(posixpath.splitext(name)[1].lower())
    if content_type is None or not name.startswith(PUBLIC_FOLDERS) or not _is_plain(name):
        raise Http404
    try:
        file = default_storage.open(name)
    except (OSError, SuspiciousFileOperation) as error:
        raise Http404 from error
    response = FileResponse(file, content_type=content_type)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _is_plain(name: str) -> bool:
    """Whether the name stays below its folder, however the storage treats dots and slashes."""
    return posixpath.normpath(name) == name and not set(name) & {"\\", "\0"}
