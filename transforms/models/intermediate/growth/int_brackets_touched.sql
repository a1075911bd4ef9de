-- depends_on: {{ ref('stg_metric_observation') }}
-- depends_on: {{ ref('int_contents_pending') }}
-- depends_on: {{ ref('int_readings_pending') }}
-- depends_on: {{ ref('int_posts_touched') }}
-- depends_on: {{ ref('int_post_versions') }}
{{ config(materialized=grown(), incremental_strategy='anew', database=scratch()) }}
{%- set brackets = earlier('int_post_reading_brackets') %}
{%- set wide = earlier('int_post_wide') %}
{%- set adds = (brackets and earlier('int_batches_taken')) or not execute %}

{#- What is taken in: new readings, and all readings of posts that are read again. -#}
{%- set received %}
        select
            received.workspace_id,
            received.platform,
            received.account_id,
            received.entity_id as post_id,
            received.metric,
            received.state,
            received.value,
            received.observed_at,
            received.period_end,
            received.batch_id,
            received.source_line
        from
            {%- if adds %}
            {{ ref('int_readings_pending') }} as received
        anti join anew
            on
                received.workspace_id = anew.workspace_id
                and received.platform = anew.platform
                and received.account_id = anew.account_id
                and received.entity_id = anew.post_id
        where received.entity_type = 'post'
        union all
        select
            again.workspace_id,
            again.platform,
            again.account_id,
            again.entity_id as post_id,
            again.metric,
            again.state,
            again.value,
            again.observed_at,
            again.period_end,
            again.batch_id,
            again.source_line
        from {{ ref('stg_metric_observation') }} as again
        semi join anew
            on
                again.workspace_id = anew.workspace_id
                and again.platform = anew.platform
                and again.account_id = anew.account_id
                and again.entity_id = anew.post_id
        where again.entity_type = 'post'
            {%- else %}
            {{ ref('stg_metric_observation') }} as received
        where false
            {%- endif %}
{%- endset %}

with
{%- if adds %}
held as (
    select
        held.workspace_id,
        held.platform,
        held.account_id,
        held.post_id,
        held.metric,
        held.bracket,
        held.state,
        held.published_at,
        held.first_observed_at,
        held.first_value,
        held.last_observed_at,
        held.last_value,
        held.lowest_value,
        held.highest_value
    from {{ brackets or ref('int_posts_touched') }} as held
    {{ of_touched('held') }}
    where {{ published_since('held', first_placed()) if wide else 'true' }}
),

dated_anew as (
    -- readings were placed by another publish time than the one known now, or before there was one
    select distinct held.workspace_id, held.platform, held.account_id, held.post_id
    from held
    {{ of_touched('held') }} and touched.is_placed_anew
    inner join {{ ref('int_post_versions') }} as versions
        on
            held.workspace_id = versions.workspace_id
            and held.platform = versions.platform
            and held.account_id = versions.account_id
            and held.post_id = versions.post_id
    where
        versions.published_at <> held.published_at
        or (versions.published_at is null) <> (held.published_at is null)
),

disputed_anew as (
    -- another value for an instant that is held: which one counts is decided over all readings
    select distinct held.workspace_id, held.platform, held.account_id, held.post_id
    from held
    inner join {{ ref('int_readings_pending') }} as readings
        on
            held.workspace_id = readings.workspace_id
            and held.platform = readings.platform
            and held.account_id = readings.account_id
            and held.post_id = readings.entity_id
            and held.metric = readings.metric
    where
        readings.entity_type = 'post'
        and readings.state = 'observed'
        and held.state = 'observed'
        and (
            (readings.observed_at = held.first_observed_at and readings.value <> held.first_value)
            or (readings.observed_at = held.last_observed_at and readings.value <> held.last_value)
            -- values below 0 lie in another bracket than what they dispute
            or readings.value < 0
            or held.lowest_value < 0
        )
),

anew as (
    select workspace_id, platform, account_id, post_id from dated_anew
    union
    select workspace_id, platform, account_id, post_id from disputed_anew
),

arrived as (
    {{- received }}
),
{%- endif %}

{{ bracketed('select * from arrived' if adds else received) }}
{%- if adds %},

kept as (
    select held.*
    from held
    anti join anew
        on
            held.workspace_id = anew.workspace_id
            and held.platform = anew.platform
            and held.account_id = anew.account_id
            and held.post_id = anew.post_id
)

-- of two readings of one instant that were not read again, the values are the same
select
    coalesce(bracketed.workspace_id, kept.workspace_id) as workspace_id,
    coalesce(bracketed.platform, kept.platform) as platform,
    coalesce(bracketed.account_id, kept.account_id) as account_id,
    coalesce(bracketed.post_id, kept.post_id) as post_id,
    coalesce(bracketed.metric, kept.metric) as metric,
    coalesce(bracketed.bracket, kept.bracket) as bracket,
    coalesce(bracketed.state, kept.state) as state,
    coalesce(bracketed.published_at, kept.published_at) as published_at,
    least(kept.first_observed_at, bracketed.first_observed_at) as first_observed_at,
    case
        when bracketed.metric is null or kept.first_observed_at <= bracketed.first_observed_at then kept.first_value
        else bracketed.first_value
    end as first_value,
    greatest(kept.last_observed_at, bracketed.last_observed_at) as last_observed_at,
    case
        when bracketed.metric is null or kept.last_observed_at >= bracketed.last_observed_at then kept.last_value
        else bracketed.last_value
    end as last_value,
    least(kept.lowest_value, bracketed.lowest_value) as lowest_value,
    greatest(kept.highest_value, bracketed.highest_value) as highest_value,
    bracketed.metric is not null as is_new,
    -- also when a build that stopped has taken the same reading in before
    bracketed.metric is not null
    and (kept.metric is null or bracketed.first_observed_at <= kept.first_observed_at) as begins_anew,
    bracketed.metric is not null
    and (kept.metric is null or bracketed.last_observed_at >= kept.last_observed_at) as ends_anew,
    anew.post_id is not null as reread
from bracketed
full join kept
    on
        bracketed.workspace_id = kept.workspace_id
        and bracketed.platform = kept.platform
        and bracketed.account_id = kept.account_id
        and bracketed.post_id = kept.post_id
        and bracketed.metric = kept.metric
        and bracketed.bracket = kept.bracket
        and bracketed.state = kept.state
left join anew
    on
        bracketed.workspace_id = anew.workspace_id
        and bracketed.platform = anew.platform
        and bracketed.account_id = anew.account_id
        and bracketed.post_id = anew.post_id
{%- else %}

select
    workspace_id,
    platform,
    account_id,
    post_id,
    metric,
    bracket,
    state,
    published_at,
    first_observed_at,
    first_value,
    last_observed_at,
    last_value,
    lowest_value,
    highest_value,
    true as is_new,
    true as begins_anew,
    true as ends_anew,
    true as reread
from bracketed
{%- endif %}
