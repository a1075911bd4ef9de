{{ config(materialized=grown(), incremental_strategy='touched') }}

with newest as (
    select
        brackets.workspace_id,
        brackets.platform,
        brackets.account_id,
        brackets.post_id,
        brackets.metric,
        min(brackets.first_observed_at) as first_observed_at,
        -- a reading with a value outranks a later one without: what was observed once stays known
        max({{ named_fields({
            'has_value': 'case when brackets.bracket = -2 then 0 else 1 end', 'observed_at': 'brackets.last_observed_at',
            'state': 'brackets.state', 'value': 'brackets.last_value',
        }) }}) as shown
    from {{ brackets() }} as brackets
    group by
        brackets.workspace_id, brackets.platform, brackets.account_id, brackets.post_id, brackets.metric
)

select
    newest.workspace_id,
    posts.owner,
    newest.platform,
    newest.account_id,
    newest.post_id,
    newest.metric,
    newest.shown.value as value,
    newest.shown.state as state,
    newest.shown.observed_at as observed_at,
    newest.first_observed_at
from newest
inner join {{ ref('int_post_versions') }} as posts
    on
        newest.workspace_id = posts.workspace_id
        and newest.platform = posts.platform
        and newest.account_id = posts.account_id
        and newest.post_id = posts.post_id
