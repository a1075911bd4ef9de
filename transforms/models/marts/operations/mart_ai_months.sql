with called as (
    select
        usage.workspace_id,
        cast(date_trunc('month', {{ local_time('usage.called_at', "coalesce(workspaces.zone, 'UTC')") }}) as date) as month,
        usage.provider,
        usage.outcome,
        usage.cache_hit,
        usage.cost_microusd,
        usage.artefact_kind,
        usage.artefact_id
    from {{ ref('stg_ai_usage') }} as usage
    left join {{ ref('stg_workspace') }} as workspaces
        on usage.workspace_id = workspaces.workspace_id
),

calls as (
    select
        workspace_id,
        month,
        count(*) as calls,
        count(case when provider <> 'rules' then 1 end) as calls_of_models,
        count(case when outcome <> 'written' then 1 end) as calls_without_result,
        count(case when cache_hit then 1 end) as cache_hits,
        count(cost_microusd) as calls_priced,
        round({{ exact_sum('cost_microusd') }} / 1000000, 6) as cost_usd
    from called
    group by workspace_id, month
),

written as (
    select distinct workspace_id, month, artefact_id as draft_id
    from called
    where artefact_kind = 'draft'
),

drafts as (
    select
        written.workspace_id,
        written.month,
        count(*) as drafts_written,
        count(case when reviews.status = 'approved' then 1 end) as drafts_approved,
        round(
            {{ exact_sum("case when reviews.status = 'approved' then reviews.approved_edit_distance end") }}
            / nullif(count(case when reviews.status = 'approved' then reviews.approved_edit_distance end), 0), 6
        ) as mean_edit_distance
    from written
    left join {{ ref('int_draft_reviews') }} as reviews
        on written.workspace_id = reviews.workspace_id and written.draft_id = reviews.draft_id
    group by written.workspace_id, written.month
)

select
    calls.workspace_id,
    calls.month,
    calls.calls,
    calls.calls_of_models,
    calls.calls_without_result,
    calls.cache_hits,
    calls.calls_priced,
    calls.cost_usd,
    drafts.drafts_written,
    drafts.drafts_approved,
    drafts.mean_edit_distance,
    case
        when calls.calls_priced = calls.calls
            then round({{ ratio('calls.cost_usd', 'drafts.drafts_approved') }}, 9)
    end as cost_usd_per_approved_draft
from calls
left join drafts
    on calls.workspace_id = drafts.workspace_id and calls.month = drafts.month
