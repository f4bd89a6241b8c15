"""A Django site on the database that our site is on: `site.py migrate`, `adduser NAME PASSWORD`, `permit NAME GROUP PERMISSION`, `serve`."""

import os
import sys
from urllib.parse import urlparse
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings


def database(url):
    if url.startswith("sqlite:"):
        path = url.split("//", 1)[1].split("?")[0]
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": {"timeout": 20}}
    url = urlparse(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path[1:],
        "USER": url.username,
        "PASSWORD": url.password or "",
        "HOST": url.hostname,
        "PORT": url.port,
    }


settings.configure(
    DEBUG=True,
    SECRET_KEY=os.environ["SECRET_KEY"],
    SECRET_KEY_FALLBACKS=[key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": database(os.environ["DATABASE_URL"])},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
    ],
    MESSAGE_STORAGE="django.contrib.messages.storage.cookie.CookieStorage",
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
)
django.setup()

from django.contrib import auth, messages  # noqa: E402
from django.contrib.auth.models import Group, Permission, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.urls import path  # noqa: E402


def me(request):
    return HttpResponse(request.user.get_username() or "nobody")


def may(request, perm):
    return HttpResponse(str(request.user.has_perm(perm)).lower())


def login(request):
    user = auth.authenticate(request, username=request.POST["username"], password=request.POST["password"])
    if user is None:
        return HttpResponse("no", status=403)
    auth.login(request, user)
    return HttpResponse("in")


def logout(request):
    auth.logout(request)
    return HttpResponse("out")


def password(request):
    request.user.set_password(request.POST["password"])
    request.user.save()
    return HttpResponse("changed")


def set_value(request, name, value):
    request.session[name] = value
    return HttpResponse("done")


def read_value(request, name):
    return HttpResponse(request.session.get(name, "nothing"))


def add_message(request, text):
    messages.success(request, text)
    return HttpResponse("done")


def list_messages(request):
    return HttpResponse("|".join(f"{message.tags}:{message}" for message in messages.get_messages(request)))


urlpatterns = [
    path("me/", me),
    path("may/<perm>/", may),
    path("login/", login),
    path("logout/", logout),
    path("password/", password),
    path("session/set/<name>/<value>/", set_value),
    path("session/read/<name>/", read_value),
    path("messages/add/<text>/", add_message),
    path("messages/", list_messages),
    path("token/", lambda request: HttpResponse(get_token(request))),
]


class Silent(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def serve():
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Silent)
    print(server.server_port, flush=True)
    server.serve_forever()


match sys.argv[1:]:
    case ["migrate"]:
        call_command("migrate", verbosity=0)
    case ["adduser", name, word]:
        User.objects.create_user(name, password=word)
    case ["permit", name, group, perm]:
        app, codename = perm.split(".")
        group, _ = Group.objects.get_or_create(name=group)
        group.permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        User.objects.get(username=name).groups.add(group)
    case ["serve"]:
        serve()
