with latest as (
    select workspace_id, platform, account_id, post_id, metric as measure, value
    from {{ ref('int_post_metrics') }}
    where state = 'observed'
),

composites as (
    -- there is a sum only where every component the platform has was observed
    select
        latest.workspace_id,
        latest.platform,
        latest.account_id,
        latest.post_id,
        components.composite as measure,
        {{ exact_sum('components.sign * latest.value') }} as value
    from latest
    inner join {{ ref('int_composite_components') }} as components
        on latest.platform = components.platform and latest.measure = components.component
    group by latest.workspace_id, latest.platform, latest.account_id, latest.post_id, components.composite
    having count(*) = max(components.components)
),

timeline as (
    -- readings of the account and moments of publishing on one line, readings first at the same instant
    select
        workspace_id, platform, account_id, metric, reading_at as moment, 1 as turn,
        observed_at, batch_id, source_line, value, cast(null as varchar) as post_id
    from {{ ref('int_account_readings') }}
    union all
    select
        posts.workspace_id, posts.platform, posts.account_id, metrics.metric, posts.published_at as moment, 2 as turn,
        posts.observed_at, null as batch_id, null as source_line, null as value, posts.post_id
    from {{ ref('int_posts') }} as posts
    cross join {{ ref('metrics') }} as metrics
    where posts.published_at is not null and metrics.entity = 'account' and metrics.time_basis = 'point'
),

carried as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        metric as measure,
        last_value(value ignore nulls) over (
            partition by workspace_id, platform, account_id, metric
            order by moment, turn, observed_at, batch_id, source_line, value
            rows between unbounded preceding and current row
        ) as value
    from timeline
),

measures as (
    select workspace_id, platform, account_id, post_id, measure, value from latest
    union all
    select workspace_id, platform, account_id, post_id, measure, value from composites
    union all
    select workspace_id, platform, account_id, post_id, measure, value
    from carried
    where post_id is not null and value is not null
)

select
    measures.workspace_id,
    posts.owner,
    measures.platform,
    measures.account_id,
    measures.post_id,
    posts.published_date,
    posts.published_month,
    measures.measure,
    measures.value,
    registry.additive_posts
from measures
inner join {{ ref('int_posts') }} as posts
    on
        measures.workspace_id = posts.workspace_id
        and measures.platform = posts.platform
        and measures.account_id = posts.account_id
        and measures.post_id = posts.post_id
inner join {{ ref('int_metric_registry') }} as registry
    on measures.measure = registry.metric
