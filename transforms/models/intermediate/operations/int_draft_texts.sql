with newest as (
    select workspace_id, draft_id, max(version) as version
    from {{ ref('stg_variant') }}
    group by workspace_id, draft_id
),

sent as (
    select workspace_id, draft_id, version, count(*) as posts
    from {{ ref('int_publications') }}
    where status = 'sent'
    group by workspace_id, draft_id, version
),

considered as (
    -- the first text, everything of the newest version, and every text that went out
    select
        texts.workspace_id,
        texts.draft_id,
        texts.version,
        texts.position,
        texts.label,
        texts.dimension,
        texts.text_hash,
        texts.characters
    from {{ ref('stg_variant') }} as texts
    inner join newest
        on texts.workspace_id = newest.workspace_id and texts.draft_id = newest.draft_id
    left join sent
        on
            texts.workspace_id = sent.workspace_id
            and texts.draft_id = sent.draft_id
            and texts.version = sent.version
    where
        texts.version = newest.version
        or (texts.position = 0 and (texts.version = 1 or sent.posts is not null))
)

select
    workspace_id,
    draft_id,
    text_hash,
    label,
    dimension,
    position = 0 as is_control,
    characters
from considered
-- a variant that was taken as the text keeps its label
qualify
    row_number() over (
        partition by workspace_id, draft_id, text_hash
        order by case when position = 0 then 1 else 0 end, version, position
    ) = 1
