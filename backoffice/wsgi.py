import os
from threading import Thread

from django.apps import apps
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
application = get_wsgi_application()
# Takes seconds, so in a thread: the first requests wait for it only if they need it.
Thread(target=apps.get_app_config("directory_site").read_dictionaries, daemon=True).start()
