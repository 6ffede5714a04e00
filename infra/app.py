"""The CDK app. `python -m infra.app` packages and synthesizes, with or without the CDK's command line around it.

Context: see `infra.options.Options`. Environment: `CDK_OUTDIR` says where the result goes (`cdk.out` unless set),
`CDK_CONTEXT_JSON` gives context as JSON, over that of cdk.json.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.local.layout import ROOT
from infra.options import Options
from infra.packaging import Packages, build
from infra.stack import AgentRuntimeStack

# The CDK's command line says so by itself: with the place of each asset, `sam` finds the code; with the paths, we do.
_METADATA = {"aws:cdk:enable-asset-metadata": True, "aws:cdk:enable-path-metadata": True}


def app(
    outdir: str,
    *,
    context: dict[str, Any] | None = None,
    packages: Packages | None = None,
) -> App:
    """Return the app, ready to synthesize.

    Args:
        outdir: Where `synth()` writes.
        context: Over cdk.json's.
        packages: The code to deploy; built for the target when None.

    Raises:
        ValueError: a context value is not allowed.
        PackagingError: the code cannot be built.
    """
    made = App(
        outdir=outdir,
        context=_METADATA | json.loads((ROOT / "cdk.json").read_text())["context"] | (context or {}),
        # One more resource type that only reports to AWS that we exist.
        analytics_reporting=False,
        tree_metadata=False,
    )
    options = Options.from_context(made.node.try_get_context)
    AgentRuntimeStack(made, options=options, packages=packages or build(options.target))
    Validations.of(made).add_plugins(AwsSolutionsChecks(made))
    return made


def main(environment: Mapping[str, str] = os.environ, packages: Packages | None = None) -> None:
    """Synthesize as the environment says.

    Args:
        environment: Of the process; `CDK_OUTDIR` and `CDK_CONTEXT_JSON` are read.
        packages: The code to deploy; built for the target when None.
    """
    context = json.loads(environment.get("CDK_CONTEXT_JSON", "{}"))
    app(environment.get("CDK_OUTDIR", "cdk.out"), context=context, packages=packages).synth()


if __name__ == "__main__":
    main()
