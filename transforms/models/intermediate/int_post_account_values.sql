{{ config(materialized=grown(), incremental_strategy='placed_anew') }}

with points as (
    select metric
    from {{ ref('metrics') }}
    where entity = 'account' and time_basis = 'point'
),

published as (
    select
        posts.workspace_id, posts.platform, posts.account_id, points.metric, posts.published_at as moment, posts.observed_at,
        posts.post_id
    from {{ ref('int_post_versions') }} as posts
    {%- if grows() %}
    {{ of_touched('posts') }} and touched.is_placed_anew
    {%- endif %}
    cross join points
    where posts.published_at is not null
),

read as (
    select
        readings.workspace_id, readings.platform, readings.account_id, readings.metric, readings.period_end as moment,
        readings.observed_at, readings.batch_id, readings.source_line, readings.value
    from {{ ref('stg_account_reading') }} as readings
    inner join points on readings.metric = points.metric
    {%- if grows() %}
    semi join published as placed
        on
            readings.workspace_id = placed.workspace_id
            and readings.platform = placed.platform
            and readings.account_id = placed.account_id
    {%- endif %}
    where readings.entity_type = 'account' and readings.state = 'observed'
),
{%- if grows() %}

needed as (
    -- of an account's readings, those from the last one before its first touched post on
    select
        firsts.workspace_id, firsts.platform, firsts.account_id, firsts.metric,
        coalesce(max(read.moment), firsts.moment) as since
    from (
        select workspace_id, platform, account_id, metric, min(moment) as moment
        from published
        group by workspace_id, platform, account_id, metric
    ) as firsts
    left join read
        on
            firsts.workspace_id = read.workspace_id
            and firsts.platform = read.platform
            and firsts.account_id = read.account_id
            and firsts.metric = read.metric
            and firsts.moment >= read.moment
    group by firsts.workspace_id, firsts.platform, firsts.account_id, firsts.metric, firsts.moment
),
{%- endif %}

timeline as (
    -- readings of the account and moments of publishing on one line, readings first at the same instant
    select
        read.workspace_id, read.platform, read.account_id, read.metric, read.moment, 1 as turn, read.observed_at,
        read.batch_id, read.source_line, read.value, cast(null as varchar) as post_id
    from read
    {%- if grows() %}
    inner join needed
        on
            read.workspace_id = needed.workspace_id
            and read.platform = needed.platform
            and read.account_id = needed.account_id
            and read.metric = needed.metric
            and read.moment >= needed.since
    {%- endif %}
    union all
    select
        workspace_id, platform, account_id, metric, moment, 2 as turn, observed_at, null as batch_id, null as source_line,
        null as value, post_id
    from published
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
)

select workspace_id, platform, account_id, post_id, measure, value
from carried
where post_id is not null and value is not null
