{{ config(materialized=grown(), incremental_strategy='touched') }}

with latest as (
    select metrics.workspace_id, metrics.platform, metrics.account_id, metrics.post_id, metrics.metric as measure, metrics.value
    from {{ ref('int_post_metrics') }} as metrics
    {%- if grows() %}
    {{ of_touched('metrics') }}
    {%- endif %}
    where metrics.state = 'observed'
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

measures as (
    select workspace_id, platform, account_id, post_id, measure, value from latest
    union all
    select workspace_id, platform, account_id, post_id, measure, value from composites
    union all
    select accounts.workspace_id, accounts.platform, accounts.account_id, accounts.post_id, accounts.measure, accounts.value
    from {{ ref('int_post_account_values') }} as accounts
    {%- if grows() %}
    {{ of_touched('accounts') }}
    {%- endif %}
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
