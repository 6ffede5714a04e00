"""What is left out of a start, and that it is there when somebody asks."""

import subprocess
import sys
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

import botocore
import pytest
import urllib3

from functions.slim_start import STAND_INS, EmptyText, StandInFinder, slim_start


def stand_in(name: str, package: ModuleType | None = None) -> ModuleType:
    """Return what is found for `name` below `package`, loaded and not registered."""
    path = [str(Path(str(package.__file__)).parent.joinpath(*name.split(".")[1:-1]))] if package else None
    spec = StandInFinder().find_spec(name, path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def in_lambda(code: str) -> str:
    """Return what `code` prints in a fresh interpreter that Lambda started."""
    done = subprocess.run(
        [sys.executable, "-c", f"import functions, sys\n{code}"],
        env={"AWS_LAMBDA_FUNCTION_NAME": "slim", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_stand_in_knows_what_every_start_asks_for() -> None:
    """Documentation is empty text, whatever it is made of."""
    docs = stand_in("botocore.docs.docstring", botocore)

    assert docs.WaiterDocstring(waiter_name="x", bytes=1) == ""
    assert "LazyLoadedDocstring" not in vars(docs)


def test_stand_in_becomes_the_real_module_when_asked_for_another_name() -> None:
    """A package that comes to need more gets it: the start is slower, and nothing breaks."""
    docs = stand_in("botocore.docs.docstring", botocore)

    lazy = docs.LazyLoadedDocstring

    assert docs.WaiterDocstring is not EmptyText
    assert issubclass(docs.WaiterDocstring, lazy)


def test_stand_in_says_so_when_nobody_has_the_name() -> None:
    """A name that the real module does not have either is missing as ever."""
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = stand_in("botocore.docs.docstring", botocore).no_such_name


def test_stand_in_leaves_modules_inside_it_to_the_import_system() -> None:
    """Asking a package for one of its modules does not load the package."""
    http2 = stand_in("urllib3.http2", urllib3)

    with pytest.raises(AttributeError):
        _ = http2.probe

    assert "inject_into_urllib3" not in vars(http2)


@pytest.mark.parametrize("name", ["json", "botocore.docs.utils", "domain"])
def test_finder_finds_nothing_when_a_module_has_no_stand_in(name: str) -> None:
    """All others are loaded as ever."""
    assert StandInFinder().find_spec(name, None) is None


def test_finder_finds_nothing_when_the_package_is_not_installed() -> None:
    """A package that is not there stays so."""
    assert StandInFinder().find_spec("boto3", ["/nowhere"]) is None


def test_stand_ins_are_looked_for_first_when_a_start_is_slim() -> None:
    """Python's own finders would find the real modules."""
    meta_path: list[object] = [object()]

    slim_start(meta_path)

    assert isinstance(meta_path[0], StandInFinder)
    assert len(meta_path) == 2


@pytest.mark.parametrize("name", STAND_INS)
def test_stand_in_is_of_use_when_its_package_is_imported(name: str) -> None:
    """Every entry stands for a module that is installed, and is what Lambda loads."""
    code = f"import importlib; importlib.import_module({name!r}); print('__getattr__' in vars(sys.modules[{name!r}]))"

    assert in_lambda(code) == "True"


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("import boto3; print(boto3.client('sqs').meta.service_model.service_name)", "sqs"),
        ("from boto3.session import Session; print(Session().region_name)", "us-east-1"),
        ("from aws_lambda_powertools import Logger; print(Logger(service='x').service)", "x"),
        ("import urllib3; print(urllib3.http2.inject_into_urllib3.__name__)", "inject_into_urllib3"),
        ("import botocore.docs; print(botocore.docs.DEPRECATED_SERVICE_NAMES)", "{'sms-voice'}"),
        ("import botocore.session; print('botocore.docs.service' in sys.modules)", "False"),
    ],
)
def test_packages_work_as_ever_when_lambda_started_the_process(code: str, printed: str) -> None:
    """Whoever uses what was left out finds it."""
    assert in_lambda(code) == printed


def test_nothing_is_left_out_when_lambda_did_not_start_the_process() -> None:
    """A person's tools get packages as they are."""
    code = "import functions, boto3; print('__getattr__' in vars(boto3))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
