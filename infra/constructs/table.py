"""The one table."""

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from functions.adapters.dynamodb.models import ACTIVITY_INDEX, LISTED


class Table(Construct):
    """DynamoDB table with its stream.

    Encrypted with the key that AWS manages for DynamoDB in the account: its use shows in CloudTrail, and it needs no
    grant in any role. A key of our own would add one thing that, deleted, takes every session with it.

    Args:
        removal_policy: What becomes of the data when the stack goes.
        is_protected: Whether the table refuses to be deleted.
    """

    def __init__(self, scope: Construct, id_: str, *, removal_policy: RemovalPolicy, is_protected: bool) -> None:
        super().__init__(scope, id_)
        self._table = dynamodb.Table(
            self,
            "Table",
            partition_key=_string("PK"),
            sort_key=_string("SK"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            stream=dynamodb.StreamViewType.NEW_IMAGE,
            time_to_live_attribute="ttl",
            removal_policy=removal_policy,
            deletion_protection=is_protected,
        )
        self._table.add_global_secondary_index(
            index_name=ACTIVITY_INDEX,
            partition_key=_string("PK"),
            sort_key=_string("la"),
            projection_type=dynamodb.ProjectionType.INCLUDE,
            non_key_attributes=list(LISTED),
        )

    @property
    def name(self) -> str:
        """Name of the table."""
        return self._table.table_name

    @property
    def arn(self) -> str:
        """ARN of the table."""
        return self._table.table_arn

    @property
    def index_arn(self) -> str:
        """ARN of its one index."""
        return f"{self._table.table_arn}/index/{ACTIVITY_INDEX}"

    @property
    def stream_arn(self) -> str:
        """ARN of its stream as it is now."""
        # None only for a table without a stream.
        return cast("str", self._table.table_stream_arn)


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
