"""Every request of every worker in every scenario is where that worker is killed, left without an answer, or paused."""
