"""A server's settings, changed as by its panel; for tests of what they do."""


def change(bot, guild, **changes):
    """Keep a change, as the server's owner."""
    bot.context.chat.change_settings(
        "discord",
        str(guild.id),
        str(guild.owner.id),
        lambda now: now.model_copy(update=changes),
    )
