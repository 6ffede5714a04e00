# ruff: noqa: RUF001  # Russian words are Russian on purpose
"""Word lists of the offline model."""

_STOP = """
a about above actual actually add after again all also am an and any anybody anyone anything app application are as
at be been before being between both broken bug but by call called calls can check class classes code codebase come
comes could crash crashed crashes current currently declare declared define defined defines definition definitions
describe did do does doing done each every everything exactly exist exists explain explained explains fail failed
failing fails file files find folder for found from function functions get gets give given go goes grep had handle
handled happen happens has have help her here how if implement implementation implementations implemented implements
in inside into is it its just kept kind know let like line lines list live lives locate located look made make makes
many me mean means method methods module modules much my named need occur occurs of on one only or other our out
over part piece place places please point print project purpose python read repo repository responsible same say
says search see set show so some somewhere source stored tell than that the their them then there these they thing
things this those through to too under understand up us use used uses using want was we were what when where which
while who whole whose why will with work working works would written wrong you your
а без был была были быть в ваш весь во вот все всё где группа да делает для до его ее есть еще ещё её же за задан
задана задано зачем и из или им использует используется используются их к как какая какие какой класс класса код
кода коде кто куда ли между меня места место метод мне можно мой мы на над надо назначение найди найти нам нас
находится находятся не нет ни но нужно о об объяви объявлен объявлена объявлено объясни он она они описан описана
опиши определен определена определено определяется определён от отвечает откуда падает папка по под пожалуйста поиск
поищи покажи показать почему при про проекте происходит работает работают расскажи реализован реализована
реализовано реализованы реализуется репозитории с сам сама сделан сделана себя со создается создаётся строка строке
такое такой там то тут ты у файл файла файле файлы функции функция хранится чем что чтобы эта эти это этот я
"""
STOP = frozenset(_STOP.split())
"""Words of a question that say nothing about what is looked for."""

_NO_FOLDER = """
the this that my our your a an all any every each project repo repository root folder directory here it there files
file current working workspace code codebase source sources me us called named новую новый новой эту этой это этом
проекте проекта корне корня текущей папке папку папки каталоге файлы файл коде всех все репозитории мне lines line
which what where for with to and new для с
"""
NO_FOLDER = frozenset(_NO_FOLDER.split())
"""Words that stand where a folder's name could stand, and are none."""

_EXTENSIONS = """
md txt rst adoc py pyi ipynb js mjs cjs jsx ts tsx vue svelte json jsonl yaml yml toml ini cfg conf
html htm css scss less sh bash zsh ps1 bat go rs java kt kts scala gradle c h cc cpp hpp cs fs rb php
pl lua swift dart ex exs erl hs clj sql graphql proto tf xml xsd csv tsv svg dockerfile gitignore
"""
EXTENSIONS = tuple(_EXTENSIONS.split())
"""Endings by which a word without a slash is known to be a file."""

ENGLISH = (
    ("блокиров", "lock"), ("замок", "lock"), ("сесси", "session"), ("очеред", "queue"), ("сообщени", "message"),
    ("событи", "event"), ("пользовател", "user"), ("ошиб", "error"), ("запрос", "request"), ("ответ", "answer"),
    ("команд", "command"), ("агент", "agent"), ("инструмент", "tool"), ("модел", "model"), ("план", "plan"),
    ("бюджет", "budget"), ("подтвержд", "approval"), ("одобрен", "approval"), ("ключ", "key"), ("таблиц", "table"),
    ("хранилищ", "store"), ("репозитор", "repository"), ("маршрут", "route"), ("тест", "test"), ("настро", "setting"),
    ("конфиг", "config"), ("токен", "token"), ("вход", "login"), ("авториз", "auth"), ("аутентиф", "auth"),
    ("журнал", "log"), ("логи", "log"), ("часы", "clock"), ("врем", "time"), ("ход", "turn"), ("шин", "bus"),
    ("обработчик", "handler"), ("клиент", "client"), ("сервер", "server"), ("кэш", "cache"), ("повтор", "retry"),
    ("адаптер", "adapter"), ("порт", "port"), ("схем", "schema"), ("провер", "check"), ("парол", "password"),
)  # fmt: skip
"""Stems of Russian words for what English identifiers name; the first that fits wins."""
