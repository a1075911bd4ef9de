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
)

select workspace_id, platform, account_id, post_id
from keys
{%- else %}
every_post as (
    select workspace_id, platform, account_id, post_id
    from {{ ref('int_post_versions') }}
)

select workspace_id, platform, account_id, post_id
from every_post
{%- endif %}
