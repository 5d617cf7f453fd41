from django.db import migrations

# What an editor's browser saves every few seconds while a draft is written, and no visitor sees.
OF_DRAFTS = ["draft_title", "has_unpublished_changes", "latest_revision_created_at", "latest_revision_id"]
WATCH = f"""
DROP TRIGGER wagtailcore_page_is_shown ON wagtailcore_page;
CREATE TRIGGER wagtailcore_page_is_shown AFTER INSERT OR DELETE OR TRUNCATE ON wagtailcore_page
    FOR EACH STATEMENT EXECUTE FUNCTION referrals_note_public_change();
CREATE FUNCTION directory_site_note_page_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO referrals_publicchange (id)
    SELECT pg_current_xact_id()::text::bigint WHERE EXISTS (
        SELECT FROM changed_before before JOIN changed_now now USING (id)
        WHERE to_jsonb(before) - '{{{",".join(OF_DRAFTS)}}}'::text[]
              IS DISTINCT FROM to_jsonb(now) - '{{{",".join(OF_DRAFTS)}}}'::text[]
    ) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER wagtailcore_page_is_shown_changed AFTER UPDATE ON wagtailcore_page
    REFERENCING OLD TABLE AS changed_before NEW TABLE AS changed_now
    FOR EACH STATEMENT EXECUTE FUNCTION directory_site_note_page_change();
"""
LEAVE = """
DROP FUNCTION directory_site_note_page_change() CASCADE;
DROP TRIGGER wagtailcore_page_is_shown ON wagtailcore_page;
CREATE TRIGGER wagtailcore_page_is_shown AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON wagtailcore_page
    FOR EACH STATEMENT EXECUTE FUNCTION referrals_note_public_change();
"""


class Migration(migrations.Migration):
    dependencies = [("directory_site", "0007_pages_are_kept")]
    operations = [migrations.RunSQL(WATCH, LEAVE)]
