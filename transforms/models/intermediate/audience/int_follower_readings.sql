with readings as (
    select
        observations.workspace_id,
        observations.platform,
        observations.account_id,
        max(observations.owner) over (
            partition by observations.workspace_id, observations.platform, observations.account_id
        ) as owner,
        observations.period_end as reading_at,
        cast({{ local_time('observations.period_end', 'workspaces.zone') }} as date) as reading_date,
        observations.value as followers,
        observations.observed_at,
        observations.batch_id,
        observations.source_line,
        min(observations.observed_at) over (
            partition by
                observations.workspace_id, observations.platform, observations.account_id, observations.period_end,
                observations.value
        ) as first_seen_at
    from {{ ref('int_account_observations') }} as observations
    left join {{ ref('stg_workspace') }} as workspaces
        on observations.workspace_id = workspaces.workspace_id
    where
        observations.entity_type = 'account'
        and observations.metric = 'followers'
        and observations.state = 'observed'
),

newest as (
    -- of several readings of one moment the one received last counts, as it does for followers at publish time
    select
        workspace_id, platform, account_id, owner, reading_at, reading_date, followers, first_seen_at,
        observed_at as last_seen_at
    from readings
    qualify
        row_number() over (
            partition by workspace_id, platform, account_id, reading_at
            order by observed_at desc, batch_id desc, source_line desc, followers desc
        ) = 1
)

select
    newest.workspace_id,
    newest.platform,
    newest.account_id,
    newest.owner,
    newest.reading_at,
    newest.reading_date,
    case when spans.definition is null then 0 else spans.definition end as definition,
    newest.followers,
    newest.first_seen_at,
    newest.last_seen_at
from newest
left join {{ ref('int_definition_spans') }} as spans
    on
        newest.platform = spans.platform
        and spans.metric = 'followers'
        and newest.reading_date >= spans.first_day
        and (spans.end_day is null or newest.reading_date < spans.end_day)
