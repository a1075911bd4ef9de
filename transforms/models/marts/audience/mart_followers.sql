with marked as (
    select
        workspace_id,
        platform,
        account_id,
        owner,
        reading_at,
        definition,
        followers,
        first_seen_at,
        last_seen_at,
        -- the first number under a new definition begins a row even where it is the same
        case
            when
                followers = lag(followers) over (
                    partition by workspace_id, platform, account_id, definition order by reading_at
                )
                then 0
            else 1
        end as begins
    from {{ ref('int_follower_readings') }}
),

numbered as (
    select
        workspace_id,
        platform,
        account_id,
        owner,
        reading_at,
        definition,
        followers,
        first_seen_at,
        last_seen_at,
        sum(begins) over (
            partition by workspace_id, platform, account_id
            order by reading_at
            rows between unbounded preceding and current row
        ) as run
    from marked
),

runs as (
    select
        workspace_id,
        platform,
        account_id,
        max(owner) as owner,
        max(definition) as definition,
        max(followers) as followers,
        min(reading_at) as valid_from,
        max(reading_at) as last_reading_at,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        count(*) as readings
    from numbered
    group by workspace_id, platform, account_id, run
),

names as (
    select workspace_id, platform, account_id, max(account_name) as account_name
    from {{ ref('int_posts') }}
    group by workspace_id, platform, account_id
)

select
    runs.workspace_id,
    runs.platform,
    runs.account_id,
    names.account_name,
    runs.owner,
    runs.followers,
    runs.valid_from,
    lead(runs.valid_from) over (
        partition by runs.workspace_id, runs.platform, runs.account_id order by runs.valid_from
    ) as valid_to,
    runs.followers - lag(runs.followers) over (
        partition by runs.workspace_id, runs.platform, runs.account_id, runs.definition order by runs.valid_from
    ) as followers_change,
    runs.readings,
    runs.last_reading_at,
    runs.first_seen_at,
    runs.last_seen_at,
    lead(runs.valid_from) over (
        partition by runs.workspace_id, runs.platform, runs.account_id order by runs.valid_from
    ) is null as is_current
from runs
left join names
    on
        runs.workspace_id = names.workspace_id
        and runs.platform = names.platform
        and runs.account_id = names.account_id
