"""The five services, and how a message flows through them.

    channels ⇄ ingest ─▶ commands ─▶ router ─▶ desk facts ─▶ sla ─▶ clocks' facts ───┐
                 ▲          ▲                      └───────▶ survey ─▶ surveys' facts ┤
                 └─ deliveries ◀─ router            agents' acts, answers ◀─ gateway ◀┘

No service imports another: they meet in the logs (`shared/catalogue`), and only `verbs` knows them all.
"""
