with posts as (
    select
        publications.workspace_id,
        publications.draft_id,
        versions.text_hash,
        publications.outbox_key,
        at_age.value as outcome,
        at_age.basis
    from {{ ref('int_publications') }} as publications
    inner join {{ ref('stg_draft_version') }} as versions
        on
            publications.workspace_id = versions.workspace_id
            and publications.draft_id = versions.draft_id
            and publications.version = versions.version
    left join {{ ref('int_post_metrics_at_age') }} as at_age
        on
            publications.workspace_id = at_age.workspace_id
            and publications.platform = at_age.platform
            and publications.account_id = at_age.account_id
            and publications.post_id = at_age.post_id
            and at_age.metric = 'engagements_public'
            and at_age.age_hours = 168
    where publications.status = 'sent'
),

measured as (
    select
        texts.workspace_id,
        texts.draft_id,
        texts.text_hash,
        texts.label,
        texts.dimension,
        texts.is_control,
        texts.characters,
        count(posts.outbox_key) as posts_published,
        count(posts.outcome) as posts_measured,
        round({{ ratio(exact_sum('posts.outcome'), 'count(posts.outcome)') }}, 9) as outcome_per_post,
        -- 'interpolated' sorts after 'exact': the weaker of the posts' bases
        max(posts.basis) as basis
    from {{ ref('int_draft_texts') }} as texts
    left join posts
        on
            texts.workspace_id = posts.workspace_id
            and texts.draft_id = posts.draft_id
            and texts.text_hash = posts.text_hash
    group by
        texts.workspace_id, texts.draft_id, texts.text_hash, texts.label, texts.dimension, texts.is_control,
        texts.characters
),

compared as (
    select
        workspace_id,
        draft_id,
        text_hash,
        label,
        dimension,
        is_control,
        characters,
        posts_published,
        posts_measured,
        outcome_per_post,
        basis,
        count(*) over (partition by workspace_id, draft_id) as texts,
        count(case when posts_published > 0 then 1 end) over (partition by workspace_id, draft_id) as texts_published,
        count(case when posts_measured > 0 then 1 end) over (partition by workspace_id, draft_id) as texts_measured
    from measured
)

select
    compared.workspace_id,
    compared.draft_id,
    drafts.platform,
    planned.pillar,
    compared.text_hash,
    compared.label,
    compared.dimension,
    compared.is_control,
    compared.characters,
    compared.posts_published,
    compared.posts_measured,
    'engagements_public' as outcome_metric,
    cast(168 as integer) as outcome_age_hours,
    compared.outcome_per_post,
    compared.basis,
    compared.texts,
    compared.texts_published,
    compared.texts_measured,
    case when compared.texts_published < 2 then 'not_tested' else 'inconclusive' end as verdict,
    case
        when compared.texts_published = 0 then 'none_published'
        when compared.texts_published = 1 then 'one_text_published'
        when compared.texts_measured < 2 then 'outcome_missing'
        else 'too_few_posts'
    end as reason
from compared
inner join {{ ref('stg_draft') }} as drafts
    on compared.workspace_id = drafts.workspace_id and compared.draft_id = drafts.draft_id
left join {{ ref('int_planned_posts') }} as planned
    on
        drafts.workspace_id = planned.workspace_id
        and drafts.entry_id = planned.entry_id
        and drafts.platform = planned.platform
