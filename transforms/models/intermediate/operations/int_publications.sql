with steps as (
    select
        workspace_id,
        outbox_key,
        max_by(status, sequence) as status,
        count(*) as steps,
        min(case when status = 'sending' then happened_at end) as first_sending_at,
        min(case when status = 'sent' then happened_at end) as confirmed_at,
        max(case when status = 'failed' then happened_at end) as failed_at,
        min(case when status = 'unknown' then happened_at end) as unknown_at
    from {{ ref('stg_publish_step') }}
    group by workspace_id, outbox_key
),

known as (
    select
        outbox.workspace_id,
        outbox.outbox_key,
        outbox.draft_id,
        outbox.version,
        outbox.platform,
        outbox.vendor,
        outbox.account_id,
        steps.status,
        steps.steps,
        outbox.attempts,
        outbox.due_at,
        outbox.created_at as queued_at,
        steps.first_sending_at,
        -- the platform's own time where it gave one
        case when steps.status = 'sent' then coalesce(outbox.finished_at, steps.confirmed_at) end as sent_at,
        case when steps.status = 'failed' then steps.failed_at end as failed_at,
        steps.unknown_at,
        case when steps.status = 'sent' then outbox.post_id end as post_id,
        case when steps.status = 'sent' then outbox.url end as url
    from {{ ref('stg_outbox') }} as outbox
    inner join steps
        on outbox.workspace_id = steps.workspace_id and outbox.outbox_key = steps.outbox_key
)

select
    workspace_id,
    outbox_key,
    draft_id,
    version,
    platform,
    vendor,
    account_id,
    status,
    steps,
    attempts,
    due_at,
    queued_at,
    first_sending_at,
    sent_at,
    failed_at,
    unknown_at,
    {{ hours_between('due_at', 'sent_at') }} as hours_late,
    post_id,
    url
from known
