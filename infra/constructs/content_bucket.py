"""Where content goes that is too large for an item."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.acknowledgement import PLAIN_HTTP, acknowledge


class ContentBucket(Construct):
    """Private S3 bucket, not versioned: an erased session must leave no earlier version behind.

    Args:
        removal_policy: What becomes of the content when the stack goes.
        tls_only: Whether to refuse anything but TLS.
    """

    def __init__(self, scope: Construct, id_: str, *, removal_policy: RemovalPolicy, tls_only: bool) -> None:
        super().__init__(scope, id_)
        self._bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=tls_only,
            minimum_tls_version=1.2 if tls_only else None,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1))],
            removal_policy=removal_policy,
        )
        acknowledge(
            self._bucket,
            S1="Only our functions reach it and each logs what it does; access logs would keep object keys of erased "
            "sessions in a second place.",
        )
        if not tls_only:
            acknowledge(self._bucket, S10=PLAIN_HTTP)

    @property
    def name(self) -> str:
        """Name of the bucket."""
        return self._bucket.bucket_name

    @property
    def objects_arn(self) -> str:
        """ARN pattern of its objects."""
        return self._bucket.arn_for_objects("*")
