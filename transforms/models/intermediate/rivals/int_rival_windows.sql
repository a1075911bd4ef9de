-- who is compared with the own brand, and the days on which all of them were observed
with own as (
    select workspace_id, platform, min(first_day) as first_day, max(last_day) as last_day
    from {{ ref('int_voices') }}
    where owner = 'own'
    group by workspace_id, platform
),

rivals as (
    select workspace_id, platform, account_name, min(first_day) as first_day, max(last_day) as last_day
    from {{ ref('int_voices') }}
    where owner = 'competitor'
    group by workspace_id, platform, account_name
),

together as (
    select
        workspace_id,
        platform,
        'all' as scope,
        {{ sorted_list('account_name') }} as competitors,
        max(first_day) as first_day,
        min(last_day) as last_day
    from rivals
    group by workspace_id, platform
),

sets as (
    select workspace_id, platform, scope, competitors, first_day, last_day from together
    union all
    select workspace_id, platform, 'one' as scope, account_name as competitors, first_day, last_day from rivals
),

windows as (
    select
        sets.workspace_id,
        sets.platform,
        sets.scope,
        sets.competitors,
        greatest(own.first_day, sets.first_day) as window_from,
        least(own.last_day, sets.last_day) as window_to
    from sets
    inner join own on sets.workspace_id = own.workspace_id and sets.platform = own.platform
)

select
    workspace_id,
    platform,
    scope,
    competitors,
    case when window_from <= window_to then window_from end as window_from,
    case when window_from <= window_to then window_to end as window_to
from windows
