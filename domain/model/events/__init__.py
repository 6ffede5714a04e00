"""Every fact (domain event). The class name is the `detail-type`; what a fact says is written here and nowhere else.

Facts never carry message text, arguments or results: ids, sizes and hashes only, so nothing outside the log ever has
anything to erase.
"""

from domain.model.events import agent, approval, llm, message, plan, session, system, tool, turn
from domain.model.events.base import Fact

FACTS = {
    name: value
    for module in (session, message, turn, agent, llm, tool, approval, plan, system)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, Fact) and value is not Fact
}
"""Every fact class by its type name."""
