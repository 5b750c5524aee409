"""Every metric of Précis, declared once; bots and workers observe them.

Labels have a fixed set of values each: no ids, no names of channels or people, no text. The table
in docs/operators/monitoring.md is written from this module (`make docs`). Knows nothing of how
metrics are asked for (`precis.monitoring.endpoint`).
"""

from typing import get_args

from prometheus_client import ProcessCollector

from precis import __version__
from precis.ask import AskState
from precis.digest import SkipReason
from precis.job import FlagAction, JobState, QueueName
from precis.moderation import Kind
from precis.monitoring.declared import FREE, OTHER, Metrics

PLATFORMS = ("discord", "slack")
FRONTENDS = (*PLATFORMS, "cli")
COMMANDS = ("summarize", "catchup", "from_here")
QUEUES: tuple[str, ...] = get_args(QueueName)
TASKS = ("summarise", "score", "digest")
STAGES = ("embed", "gate", "segment", "items", "generate", "cite", "total")
MODELS = ("embeddings", "gate", "generator")
GATE_LABELS = (
    "toxicity",
    "severe_toxicity",
    "obscene",
    "threat",
    "insult",
    "identity_attack",
    "sexual_explicit",
)
PASSED = "passed"
NO_LABEL = "none"

_SOON = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0)
_A_WHILE = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0)
_LONG = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 21600.0)
_STAGE = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0)
_BATCH = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ITEMS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)

METRICS = Metrics()
ProcessCollector(registry=METRICS.registry)

BUILD = METRICS.gauge(
    "precis_build_info", "1, with the version of Précis that runs.", "any", version=FREE
)
BUILD.set(1, version=__version__)

REQUESTS = METRICS.counter(
    "precis_requests_total",
    "Requests for a summary that ended, by how they ended.",
    "bot",
    platform=PLATFORMS,
    command=COMMANDS,
    outcome=("answered", "withheld", "refused", "limited", "failed"),
)
REQUEST_SECONDS = METRICS.histogram(
    "precis_request_seconds",
    "Seconds from a request to its answer.",
    "bot",
    _A_WHILE,
    platform=PLATFORMS,
    command=COMMANDS,
)
ACKNOWLEDGEMENT_SECONDS = METRICS.histogram(
    "precis_acknowledgement_seconds",
    "Seconds until a command, button or form was acknowledged; platforms wait 3. On Discord since "
    "Discord made it, by Discord's clock; on Slack since it reached the bot.",
    "bot",
    _SOON,
    platform=PLATFORMS,
)
RESPONSES = METRICS.counter(
    "precis_platform_responses_total",
    "Calls to the platform's API by the class of their status; `429` is a rate limit, `refused` "
    "an error that Slack reports with status 200, `none` no answer at all. Each `refused` also "
    "counts as `2xx`.",
    "bot",
    platform=PLATFORMS,
    status=("2xx", "3xx", "4xx", "429", "5xx", "refused", "none"),
)
DELIVERY_RETRIES = METRICS.counter(
    "precis_delivery_retries_total",
    "Answers and digests that could not be shown and are tried again.",
    "bot",
    platform=PLATFORMS,
    what=("answer", "digest"),
    reason=("platform_down", "error"),
)
BOT_LEASES_LOST = METRICS.counter(
    "precis_bot_leases_lost_total",
    "Requests and digests that another bot took over while this one held them.",
    "bot",
    what=("request", "digest"),
)
DIGESTS = METRICS.counter(
    "precis_digests_total",
    "Digests that ended: posted, failed, or skipped because they were too late, had too few "
    "messages, or their subscription was paused. Previews aren't counted.",
    "bot",
    platform=PLATFORMS,
    outcome=("posted", "failed", *SkipReason),
)
DIGEST_DELAY_SECONDS = METRICS.histogram(
    "precis_digest_delay_seconds",
    "Seconds from the time a digest was due to its post.",
    "bot",
    _LONG,
    platform=PLATFORMS,
)

JOBS = METRICS.counter(
    "precis_jobs_total",
    "Jobs that a worker ended.",
    "worker",
    task=TASKS,
    outcome=(JobState.DONE, JobState.WITHHELD, JobState.FAILED),
)
RETRIES = METRICS.counter(
    "precis_job_retries_total", "Tries of jobs that failed and are tried again.", "worker",
    task=TASKS,
)  # fmt: skip
LEASES_LOST = METRICS.counter(
    "precis_leases_lost_total",
    "Jobs whose worker gave no sign of life until its lease ended, as found by this worker.",
    "worker",
    queue=QUEUES,
)
WAIT_SECONDS = METRICS.histogram(
    "precis_job_wait_seconds",
    "Seconds that jobs waited in the queue for their first try.",
    "worker",
    _A_WHILE,
    queue=QUEUES,
)
STAGE_SECONDS = METRICS.histogram(
    "precis_stage_seconds",
    "Seconds that jobs spent in each stage of the pipeline; `total` is the whole job.",
    "worker",
    _STAGE,
    task=TASKS,
    stage=STAGES,
)
GATE_OUTCOMES = METRICS.counter(
    "precis_gate_outcomes_total",
    "What the gate did, by the label that was over its threshold. `passed` (label `none`): a "
    "summary in which it changed nothing. `noted`: a toxic message. `changed`, `regenerated`, "
    "`extracted`: a part of a summary was replaced. `withheld`: nothing could be said.",
    "worker",
    outcome=(PASSED, *FlagAction),
    label=(*GATE_LABELS, NO_LABEL, OTHER),
)
BATCH_ITEMS = METRICS.histogram(
    "precis_batch_items", "Items in each batch of a model.", "worker", _ITEMS, model=MODELS
)
BATCH_FILL = METRICS.histogram(
    "precis_batch_fill",
    "The share of the most items that a batch may have, from 0 to 1.",
    "worker",
    _SHARES,
    model=MODELS,
)
BATCH_SECONDS = METRICS.histogram(
    "precis_batch_seconds",
    "Seconds that a model spent on each batch.",
    "worker",
    _BATCH,
    model=MODELS,
)
TOKENS = METRICS.counter(
    "precis_generated_tokens_total",
    "Tokens that the generator wrote, in all candidates; its rate is tokens a second.",
    "worker",
)
MODEL_LOAD_SECONDS = METRICS.gauge(
    "precis_model_load_seconds",
    "Seconds that the last loading of a model took.",
    "worker",
    model=MODELS,
)
MODEL = METRICS.gauge(
    "precis_model_info",
    "1, with the model that serves: a generator by its profile and adapter, the gate by its "
    "version.",
    "worker",
    model=MODELS,
    name=FREE,
    version=FREE,
)

BROKER_ERRORS = METRICS.counter(
    "precis_broker_errors_total",
    "Jobs that could not be sent to the broker at once; they are sent when it is back.",
    "any",
)

STORE_UP = METRICS.from_store(
    "precis_store_up",
    "1 if the store answered in time, else 0; then what follows is left out.",
)
JOBS_OPEN = METRICS.from_store(
    "precis_jobs", "Jobs in each queue, waiting and running.",
    queue=QUEUES, state=(JobState.QUEUED, JobState.RUNNING),
)  # fmt: skip
OLDEST_JOB = METRICS.from_store(
    "precis_oldest_job_seconds",
    "Seconds that the oldest job of each queue has waited; 0 where none waits.",
    queue=QUEUES,
)
LEASES_EXPIRED = METRICS.from_store(
    "precis_leases_expired", "Running jobs whose lease has ended and that no worker has found yet."
)
REQUESTS_OPEN = METRICS.from_store(
    "precis_requests_open",
    "Requests that people wait for: messages are gathered, or the job isn't done.",
    platform=PLATFORMS,
    state=(AskState.GATHERING, AskState.WAITING),
)
OLDEST_REQUEST = METRICS.from_store(
    "precis_oldest_request_seconds",
    "Seconds that the oldest open request has waited; 0 where there is none.",
    platform=PLATFORMS,
)
UNDELIVERED = METRICS.from_store(
    "precis_deliveries_pending", "Jobs that ended and whose answers aren't shown yet.",
    platform=PLATFORMS,
)  # fmt: skip
CASES_OPEN = METRICS.from_store(
    "precis_cases_open",
    "Cases that moderators haven't decided.",
    platform=PLATFORMS,
    kind=tuple(Kind),
)
OLDEST_CASE = METRICS.from_store(
    "precis_oldest_case_seconds",
    "Seconds that the oldest open case has waited; 0 where there is none.",
    platform=PLATFORMS,
)
SUBSCRIPTIONS = METRICS.from_store(
    "precis_subscriptions", "Subscriptions to digests.",
    platform=PLATFORMS, state=("active", "paused"),
)  # fmt: skip
DIGESTS_DUE = METRICS.from_store(
    "precis_digests_due", "Digests that are due and not posted yet.", platform=PLATFORMS
)
DIGESTS_LATE = METRICS.from_store(
    "precis_digests_late",
    "Digests that were due more than 15 minutes ago and aren't posted yet.",
    platform=PLATFORMS,
)
