with sent as (
    select workspace_id, draft_id, count(*) as posts
    from {{ ref('int_publications') }}
    where status = 'sent'
    group by workspace_id, draft_id
),

called as (
    select
        usage.workspace_id,
        cast({{ local_time('usage.called_at', "coalesce(workspaces.zone, 'UTC')") }} as date) as day,
        usage.task,
        usage.provider,
        usage.model,
        usage.outcome,
        usage.cache_hit,
        usage.latency_ms,
        usage.tokens_in,
        usage.tokens_out,
        usage.tokens_cached,
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
        day,
        task,
        provider,
        model,
        count(*) as calls,
        count(case when outcome <> 'written' then 1 end) as calls_without_result,
        count(case when cache_hit then 1 end) as cache_hits,
        count(tokens_in) as calls_with_tokens,
        cast(sum(tokens_in) as bigint) as tokens_in,
        cast(sum(tokens_out) as bigint) as tokens_out,
        cast(sum(tokens_cached) as bigint) as tokens_cached,
        count(cost_microusd) as calls_priced,
        round({{ exact_sum('cost_microusd') }} / 1000000, 6) as cost_usd,
        round(median(latency_ms), 6) as median_latency_ms
    from called
    group by workspace_id, day, task, provider, model
),

written as (
    select distinct workspace_id, day, task, provider, model, artefact_id as draft_id
    from called
    where artefact_kind = 'draft'
),

drafts as (
    select
        written.workspace_id,
        written.day,
        written.task,
        written.provider,
        written.model,
        count(*) as drafts_written,
        count(case when reviews.status = 'approved' then 1 end) as drafts_approved,
        count(case when reviews.status = 'approved' and reviews.approved_version = 1 then 1 end)
            as drafts_approved_as_written,
        round(
            {{ exact_sum("case when reviews.status = 'approved' then reviews.approved_edit_distance end") }}
            / nullif(count(case when reviews.status = 'approved' then reviews.approved_edit_distance end), 0), 6
        ) as mean_edit_distance,
        count(sent.posts) as drafts_sent
    from written
    left join {{ ref('int_draft_reviews') }} as reviews
        on written.workspace_id = reviews.workspace_id and written.draft_id = reviews.draft_id
    left join sent
        on written.workspace_id = sent.workspace_id and written.draft_id = sent.draft_id
    group by written.workspace_id, written.day, written.task, written.provider, written.model
)

select
    calls.workspace_id,
    calls.day,
    calls.task,
    calls.provider,
    calls.model,
    calls.calls,
    calls.calls_without_result,
    calls.cache_hits,
    calls.calls_with_tokens,
    calls.tokens_in,
    calls.tokens_out,
    calls.tokens_cached,
    calls.calls_priced,
    calls.cost_usd,
    calls.median_latency_ms,
    drafts.drafts_written,
    drafts.drafts_approved,
    drafts.drafts_approved_as_written,
    drafts.mean_edit_distance,
    drafts.drafts_sent,
    case
        when calls.calls_priced = calls.calls
            then round({{ ratio('calls.cost_usd', 'drafts.drafts_approved') }}, 9)
    end as cost_usd_per_approved_draft
from calls
left join drafts
    on
        calls.workspace_id = drafts.workspace_id
        and calls.day = drafts.day
        and calls.task = drafts.task
        and calls.provider = drafts.provider
        and calls.model = drafts.model
