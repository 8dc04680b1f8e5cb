"""What Gunicorn serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "resee.settings")
application = get_wsgi_application()

from .middleware import fault  # needs the settings, so not at the top

fault.at_boot()
