"""Stores a conversation as a job, without what must no longer be in it. Knows no platform."""

from bot.context import Context
from precis.ask import Place
from precis.conversation import Conversation
from precis.job import JobRequest


async def submit(
    context: Context, job: JobRequest, conversation: Conversation, place: Place
) -> tuple[str, bool]:
    """The job's id, and whether it is new: the same may have been asked before.

    Whoever deletes a message or opts out while it is read finds nothing of it in the store yet; so
    what is stored here is looked through once more afterwards. Raises StoreError.
    """
    job_id, new = await context.blocking(
        context.jobs.submit_or_join, job, conversation, context.settings.requeue_after, place
    )
    await forget_gone(context, conversation)
    return job_id, new


async def forget_gone(context: Context, conversation: Conversation) -> None:
    """Forget what was deleted, and who opted out, while it was on its way into the store."""
    name, chat = context.platform.name, context.chat
    ids = [message.id for message in conversation.messages]
    if gone := context.deleted.among(ids) | await context.blocking(chat.deleted, name, ids):
        await context.blocking(chat.forget_messages, name, gone)
    authors = list({message.author_id for message in conversation.messages})
    for person in await context.opted_out(authors):
        await context.blocking(chat.forget_written, name, person)
