-- the week in which an account is first known, unless from its Monday on, and the week in which it was read last
select workspace_id, platform, account_id, first_week as week
from {{ ref('int_account_spans') }}
where first_day > first_week
union
select workspace_id, platform, account_id, cast(date_trunc('week', read_day) as date) as week
from {{ ref('int_account_spans') }}
