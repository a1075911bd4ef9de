with fields as (
    select
        fields.platform,
        fields.metric,
        metrics.entity,
        metrics.time_basis,
        fields.valid_from,
        fields.valid_to
    from {{ ref('platform_fields') }} as fields
    inner join {{ ref('metrics') }} as metrics on fields.metric = metrics.metric
),

posts as (
    select
        workspace_id,
        owner,
        platform,
        account_id,
        post_id,
        published_date,
        cast(date_trunc('week', published_local) as date) as week
    from {{ ref('int_posts') }}
    where published_local is not null
),

expected_of_own_posts as (
    -- what the platform has for posts of that day; a metric with two fields is expected once
    select distinct
        posts.workspace_id, posts.owner, posts.platform, posts.account_id, posts.post_id, posts.week, fields.metric
    from posts
    inner join fields
        on
            posts.platform = fields.platform
            and fields.entity = 'post'
            and (fields.valid_from is null or posts.published_date >= fields.valid_from)
            and (fields.valid_to is null or posts.published_date < fields.valid_to)
    where posts.owner = 'own'
),

read_of_rivals as (
    -- of a competitor only what is public can be read, and that is what has been read of it
    select distinct workspace_id, owner, platform, account_id, metric
    from {{ ref('int_post_metrics') }}
    where owner <> 'own'
),

expected_of_posts as (
    select workspace_id, owner, platform, account_id, post_id, week, metric
    from expected_of_own_posts
    union
    select
        posts.workspace_id, posts.owner, posts.platform, posts.account_id, posts.post_id, posts.week, read_of_rivals.metric
    from posts
    inner join read_of_rivals
        on
            posts.workspace_id = read_of_rivals.workspace_id
            and posts.owner = read_of_rivals.owner
            and posts.platform = read_of_rivals.platform
            and posts.account_id = read_of_rivals.account_id
),

of_posts as (
    select
        expected.workspace_id,
        expected.owner,
        expected.platform,
        expected.account_id,
        'post' as entity,
        expected.metric,
        expected.week,
        case when latest.state is null then 'never_read' else latest.state end as state
    from expected_of_posts as expected
    left join {{ ref('int_post_metrics') }} as latest
        on
            expected.workspace_id = latest.workspace_id
            and expected.owner = latest.owner
            and expected.platform = latest.platform
            and expected.account_id = latest.account_id
            and expected.post_id = latest.post_id
            and expected.metric = latest.metric
),

daily as (
    -- numbers of one day; exports of a week or a month are no days
    select
        readings.workspace_id,
        readings.owner,
        readings.platform,
        readings.account_id,
        readings.metric,
        readings.state,
        readings.observed_at,
        readings.batch_id,
        readings.source_line,
        cast({{ local_time('readings.period_start', 'workspaces.zone') }} as date) as day
    from {{ ref('int_account_observations') }} as readings
    inner join {{ ref('metrics') }} as metrics
        on readings.metric = metrics.metric and metrics.entity = 'account' and metrics.time_basis = 'period'
    left join {{ ref('stg_workspace') }} as workspaces on readings.workspace_id = workspaces.workspace_id
    where
        readings.entity_type = 'account'
        and readings.period_start is not null
        and {{ hours_between('readings.period_start', 'readings.period_end') }} <= 26
),

state_of_days as (
    -- a reading with a value outranks one without, whatever came later
    select workspace_id, owner, platform, account_id, metric, day, state
    from daily
    qualify
        row_number() over (
            partition by workspace_id, owner, platform, account_id, metric, day
            order by
                case when state = 'observed' then 1 else 2 end, observed_at desc, batch_id desc, source_line desc, state
        ) = 1
),

accounts as (
    select workspace_id, owner, platform, account_id, max(day) as last_day
    from daily
    group by workspace_id, owner, platform, account_id
),

retirements as (
    select platform, metric, max(valid_to) as retired_on
    from fields
    group by platform, metric
    having count(*) = count(valid_to)
),

spans as (
    select
        daily.workspace_id,
        daily.owner,
        daily.platform,
        daily.account_id,
        daily.metric,
        min(daily.day) as first_day,
        max(accounts.last_day) as last_day,
        max(retirements.retired_on) as retired_on
    from daily
    inner join accounts
        on
            daily.workspace_id = accounts.workspace_id
            and daily.owner = accounts.owner
            and daily.platform = accounts.platform
            and daily.account_id = accounts.account_id
    left join retirements on daily.platform = retirements.platform and daily.metric = retirements.metric
    group by daily.workspace_id, daily.owner, daily.platform, daily.account_id, daily.metric
),

expected_days as (
    select
        workspace_id,
        owner,
        platform,
        account_id,
        metric,
        retired_on,
        {{ each_day('first_day', 'last_day') }} as day
    from spans
),

of_accounts as (
    select
        expected.workspace_id,
        expected.owner,
        expected.platform,
        expected.account_id,
        'account' as entity,
        expected.metric,
        cast(date_trunc('week', expected.day) as date) as week,
        case when state_of_days.state is null then 'never_read' else state_of_days.state end as state
    from expected_days as expected
    left join state_of_days
        on
            expected.workspace_id = state_of_days.workspace_id
            and expected.owner = state_of_days.owner
            and expected.platform = state_of_days.platform
            and expected.account_id = state_of_days.account_id
            and expected.metric = state_of_days.metric
            and expected.day = state_of_days.day
    where expected.retired_on is null or expected.day < expected.retired_on or state_of_days.state is not null
),

stated as (
    select workspace_id, owner, platform, account_id, entity, metric, week, state from of_posts
    union all
    select workspace_id, owner, platform, account_id, entity, metric, week, state from of_accounts
)

select
    workspace_id,
    owner,
    platform,
    account_id,
    entity,
    metric,
    week,
    count(*) as expected,
    count(case when state = 'observed' then 1 end) as observed,
    count(case when state = 'unsupported' then 1 end) as unsupported,
    count(case when state = 'unavailable' then 1 end) as unavailable,
    count(case when state = 'delayed' then 1 end) as delayed,
    count(case when state = 'retired' then 1 end) as retired,
    count(case when state = 'privacy_limited' then 1 end) as privacy_limited,
    count(case when state = 'never_read' then 1 end) as never_read,
    round(cast(count(case when state = 'observed' then 1 end) as double) / count(*), 9) as share_observed
from stated
group by workspace_id, owner, platform, account_id, entity, metric, week
