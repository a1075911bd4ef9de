-- depends_on: {{ ref('int_readings_pending') }}
-- depends_on: {{ ref('int_contents_pending') }}
-- depends_on: {{ ref('int_posts') }}
-- depends_on: {{ ref('metrics') }}
{{ config(materialized=grown(), incremental_strategy='anew') }}
{%- set brackets = earlier('int_post_reading_brackets') %}
{%- set wide = earlier('int_post_wide') %}
{%- set taken = earlier('int_batches_taken') %}

with
{%- if brackets and wide and taken %}
received as (
    select readings.workspace_id, readings.platform, readings.account_id, readings.entity_id as post_id
    from {{ ref('int_readings_pending') }} as readings
    where readings.entity_type = 'post'
    union
    select content.workspace_id, content.platform, content.account_id, content.entity_id as post_id
    from {{ ref('int_contents_pending') }} as content
    where content.entity_type = 'post'
),

shown as (
    select workspace_id, platform, account_id, post_id, owner, published_date
    from {{ wide }}
),

moved as (
    -- the workspace's zone changed: other days; or the owner did
    select posts.workspace_id, posts.platform, posts.account_id, posts.post_id
    from {{ ref('int_posts') }} as posts
    left join shown
        on
            posts.workspace_id = shown.workspace_id
            and posts.platform = shown.platform
            and posts.account_id = shown.account_id
            and posts.post_id = shown.post_id
    where
        shown.post_id is null
        or posts.owner <> shown.owner
        or posts.published_date <> shown.published_date
        or (posts.published_date is null) <> (shown.published_date is null)
),

read_anew as (
    select readings.workspace_id, readings.platform, readings.account_id, min(readings.period_end) as since
    from {{ ref('int_readings_pending') }} as readings
    inner join {{ ref('metrics') }} as metrics
        on readings.metric = metrics.metric and metrics.entity = 'account' and metrics.time_basis = 'point'
    where readings.entity_type = 'account' and readings.state = 'observed'
    group by readings.workspace_id, readings.platform, readings.account_id
),

measured_anew as (
    -- a reading of the account came in: perhaps another number of followers when a later post was published
    select posts.workspace_id, posts.platform, posts.account_id, posts.post_id
    from {{ ref('int_posts') }} as posts
    inner join read_anew
        on
            posts.workspace_id = read_anew.workspace_id
            and posts.platform = read_anew.platform
            and posts.account_id = read_anew.account_id
            and posts.published_at >= read_anew.since
),

keys as (
    select workspace_id, platform, account_id, post_id from received
    union
    select workspace_id, platform, account_id, post_id from moved
    union
    select workspace_id, platform, account_id, post_id from measured_anew
),

held as (
    select
        brackets.workspace_id,
        brackets.platform,
        brackets.account_id,
        brackets.post_id,
        brackets.metric,
        brackets.state,
        brackets.published_at,
        brackets.first_observed_at,
        brackets.first_value,
        brackets.last_observed_at,
        brackets.last_value,
        brackets.lowest_value
    from {{ brackets }} as brackets
    semi join received
        on
            brackets.workspace_id = received.workspace_id
            and brackets.platform = received.platform
            and brackets.account_id = received.account_id
            and brackets.post_id = received.post_id
),

dated_anew as (
    -- readings were placed by another publish time than the one known now, or before there was one
    select distinct held.workspace_id, held.platform, held.account_id, held.post_id
    from held
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
)

select
    keys.workspace_id,
    keys.platform,
    keys.account_id,
    keys.post_id,
    anew.post_id is not null as reread
from keys
left join anew
    on
        keys.workspace_id = anew.workspace_id
        and keys.platform = anew.platform
        and keys.account_id = anew.account_id
        and keys.post_id = anew.post_id
{%- else %}
every_post as (
    select workspace_id, platform, account_id, post_id
    from {{ ref('int_post_versions') }}
)

select workspace_id, platform, account_id, post_id, true as reread
from every_post
{%- endif %}
