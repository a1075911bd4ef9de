with read_days as (
    select workspace_id, platform, account_id, owner, reading_date as day, reading_at, definition, followers
    from {{ ref('int_follower_readings') }}
    qualify
        row_number() over (partition by workspace_id, platform, account_id, reading_date order by reading_at desc) = 1
),

compared as (
    select
        workspace_id,
        platform,
        account_id,
        day,
        reading_at,
        followers,
        lag(day) over (partition by workspace_id, platform, account_id, definition order by day) as day_before,
        lag(followers) over (partition by workspace_id, platform, account_id, definition order by day)
            as followers_before
    from read_days
),

periods as (
    -- a platform's day may begin at another hour: it counts for the local day that holds its middle
    select
        observations.workspace_id,
        observations.platform,
        observations.account_id,
        observations.owner,
        observations.metric,
        cast({{ local_time("(observations.period_end - interval '12' hour)", 'workspaces.zone') }} as date) as day,
        observations.period_end,
        observations.value,
        observations.state,
        observations.observed_at,
        observations.batch_id,
        observations.source_line
    from {{ ref('int_account_observations') }} as observations
    left join {{ ref('stg_workspace') }} as workspaces
        on observations.workspace_id = workspaces.workspace_id
    where
        observations.entity_type = 'account'
        and observations.metric in ('followers_gained', 'followers_lost')
        and {{ hours_between('observations.period_start', 'observations.period_end') }} between 20 and 28
),

told as (
    -- a reading with a value outranks a later one without
    select workspace_id, platform, account_id, owner, metric, day, value, state
    from periods
    qualify
        row_number() over (
            partition by workspace_id, platform, account_id, metric, day
            order by
                case when state = 'observed' then 1 else 2 end,
                observed_at desc, period_end desc, batch_id desc, source_line desc, value desc
        ) = 1
),

moves as (
    select
        workspace_id,
        platform,
        account_id,
        day,
        max(case when metric = 'followers_gained' then value end) as followers_gained,
        max(case when metric = 'followers_gained' then state end) as followers_gained_state,
        max(case when metric = 'followers_lost' then value end) as followers_lost,
        max(case when metric = 'followers_lost' then state end) as followers_lost_state
    from told
    group by workspace_id, platform, account_id, day
),

known_days as (
    select workspace_id, platform, account_id, owner, day from read_days
    union all
    select workspace_id, platform, account_id, owner, day from told
),

spans as (
    select
        workspace_id, platform, account_id, max(owner) as owner, min(day) as first_day, max(day) as last_day
    from known_days
    group by workspace_id, platform, account_id
),

days as (
    select
        workspace_id, platform, account_id, owner, {{ each_day('first_day', 'last_day') }} as day
    from spans
),

meant as (
    select
        days.workspace_id,
        days.platform,
        days.account_id,
        days.owner,
        days.day,
        case when spans.definition is null then 0 else spans.definition end as definition
    from days
    left join {{ ref('int_definition_spans') }} as spans
        on
            days.platform = spans.platform
            and spans.metric = 'followers'
            and days.day >= spans.first_day
            and (spans.end_day is null or days.day < spans.end_day)
),

carried as (
    -- what was known of another definition is not carried into this one
    select
        meant.workspace_id,
        meant.platform,
        meant.account_id,
        meant.owner,
        meant.day,
        compared.followers,
        compared.reading_at,
        compared.day_before,
        compared.followers_before,
        last_value(compared.followers ignore nulls) over (
            partition by meant.workspace_id, meant.platform, meant.account_id, meant.definition
            order by meant.day
            rows between unbounded preceding and current row
        ) as followers_last_known,
        max(compared.day) over (
            partition by meant.workspace_id, meant.platform, meant.account_id, meant.definition
            order by meant.day
            rows between unbounded preceding and current row
        ) as last_known_day
    from meant
    left join compared
        on
            meant.workspace_id = compared.workspace_id
            and meant.platform = compared.platform
            and meant.account_id = compared.account_id
            and meant.day = compared.day
),

names as (
    select workspace_id, platform, account_id, max(account_name) as account_name
    from {{ ref('int_posts') }}
    group by workspace_id, platform, account_id
)

select
    carried.workspace_id,
    carried.platform,
    carried.account_id,
    names.account_name,
    carried.owner,
    carried.day,
    carried.followers is not null as is_observed,
    carried.followers,
    carried.reading_at,
    carried.followers - carried.followers_before as followers_change,
    case when carried.followers is not null then {{ days_between('carried.day_before', 'carried.day') }} end
        as days_between,
    moves.followers_gained,
    moves.followers_gained_state,
    moves.followers_lost,
    moves.followers_lost_state,
    carried.followers_last_known,
    carried.last_known_day
from carried
left join moves
    on
        carried.workspace_id = moves.workspace_id
        and carried.platform = moves.platform
        and carried.account_id = moves.account_id
        and carried.day = moves.day
left join names
    on
        carried.workspace_id = names.workspace_id
        and carried.platform = names.platform
        and carried.account_id = names.account_id
