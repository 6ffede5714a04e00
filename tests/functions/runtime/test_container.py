"""Dependencies are built once, out of annotations."""

from dataclasses import dataclass
from typing import Protocol

import pytest

from functions.runtime.container import DIContainer
from functions.runtime.dotted import load


class Voice(Protocol):
    """A port."""

    def say(self) -> str:
        """Say something."""
        ...


class Loud:
    """An adapter without a constructor."""

    def say(self) -> str:
        """Say it loudly."""
        return "HELLO"


@dataclass
class Greeting:
    """Needs a port and a setting."""

    voice: Voice
    times: int


class Greeter:
    """Needs something that needs something."""

    def __init__(self, greeting: Greeting) -> None:
        self.greeting = greeting


def greeting_of(voice: Voice, times: int) -> Greeting:
    """Return a greeting, as a provider that is a function."""
    return Greeting(voice, times)


@pytest.fixture
def container() -> DIContainer:
    """Return a container that knows a voice and how often."""
    container = DIContainer()
    container.register(Voice, Loud)
    container.register(Greeting, Greeting, times=3)
    return container


def test_container_builds_what_is_asked_for_when_its_needs_are_registered(container: DIContainer) -> None:
    """Ports come by annotation, settings by name, classes that nobody registered as themselves."""
    greeter = container.get(Greeter)

    assert greeter.greeting.voice.say() == "HELLO"
    assert greeter.greeting.times == 3


def test_container_builds_once_when_asked_twice(container: DIContainer) -> None:
    """Everybody gets the same one."""
    assert container.get(Greeter) is container.get(Greeter)
    assert container.get(Greeter).greeting is container.get(Greeting)


@pytest.mark.parametrize("provider", [greeting_of, f"{__name__}:greeting_of", f"{__name__}:Greeting"])
def test_container_builds_with_any_provider_when_it_is_class_function_or_name(
    container: DIContainer, provider: object
) -> None:
    """A provider is a class, a function, or the dotted name of one."""
    container.register(Greeting, provider, times=1)  # type: ignore[arg-type]

    assert container.get(Greeting) == Greeting(container.get(Voice), 1)  # type: ignore[type-abstract]


def test_container_forgets_what_it_built_when_it_is_registered_anew(container: DIContainer) -> None:
    """A test may put its own in place at any time before others ask."""
    first = container.get(Greeting)

    container.register(Greeting, Greeting, times=5)

    assert container.get(Greeting).times == 5
    assert container.get(Greeting) is not first


def test_container_raises_when_a_setting_has_no_value(container: DIContainer) -> None:
    """A forgotten setting is not built as 0 or as nothing."""
    container.register(Greeting, Greeting)

    with pytest.raises(TypeError, match="No value was registered for a parameter of type int"):
        container.get(Greeting)


def test_container_raises_when_a_port_is_not_registered() -> None:
    """A port cannot stand in for its adapter."""
    with pytest.raises(TypeError):
        DIContainer().get(Voice)  # type: ignore[type-abstract]


def test_container_builds_nothing_when_nothing_is_asked_for(container: DIContainer) -> None:
    """Adapters are imported when first needed, so a function loads only its own."""
    container.register(Loud, "no.such.module:Nothing")

    assert container.get(Greeting).times == 3
    with pytest.raises(ModuleNotFoundError):
        container.get(Loud)


@pytest.mark.parametrize("name", ["json:nothing", "json:"])
def test_load_raises_when_the_module_has_no_such_object(name: str) -> None:
    """A wrong name is seen at once."""
    with pytest.raises(AttributeError):
        load(name)
