-- An agent that chooses a new password stays logged in where it chose it; all its other log-ins end in the same commit.
grant select (session_id) on sessions to deskbell_journal;
